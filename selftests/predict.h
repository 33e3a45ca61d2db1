/* SPDX-License-Identifier: GPL-2.0-only */
/* Predict and try. */
#ifndef PREDICT_H
#define PREDICT_H

int predict(int argc, char **argv);

#endif
