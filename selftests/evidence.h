/* SPDX-License-Identifier: GPL-2.0-only */
/* Every number in every file of an area, against the oracle. */
#ifndef EVIDENCE_H
#define EVIDENCE_H

void check_area_files(void);
int evidence(int argc, char **argv);

#endif
