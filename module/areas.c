// SPDX-License-Identifier: GPL-2.0-only
/* What the module keeps of each area. */
#include <linux/mm.h>
#include <linux/string.h>

#include "areas.h"

static struct cd_area *areas;
static unsigned int nr_areas;

/* The name, or the name and how many areas before it bear it too. */
static void name_directory(struct cd_area *area)
{
	const struct cd_area *other;
	unsigned int nr_same = 0;

	for (other = areas; other < area; other++)
		if (!strcmp(other->cma->name, area->cma->name))
			nr_same++;
	if (nr_same)
		snprintf(area->dir_name, sizeof(area->dir_name), "%s.%u",
			 area->cma->name, nr_same);
	else
		strscpy(area->dir_name, area->cma->name,
			sizeof(area->dir_name));
}

/**
 * cd_areas_init() - set up what is kept of each area
 *
 * Context: process, may sleep. The areas are known.
 *
 * Return: 0 or -ENOMEM.
 */
int cd_areas_init(void)
{
	unsigned int i;

	areas = kvcalloc(cd_cma_nr_areas(), sizeof(*areas), GFP_KERNEL);
	if (!areas)
		return -ENOMEM;
	for (i = 0; i < cd_cma_nr_areas(); i++) {
		areas[i].cma = cd_cma_area(i);
		name_directory(&areas[i]);
		/* Counted first, so that what there is of it is freed. */
		nr_areas++;
		areas[i].requests = cd_requests_alloc();
		if (!areas[i].requests || cd_history_init(&areas[i].history)) {
			cd_areas_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

/** cd_areas_exit() - free everything kept of the areas */
void cd_areas_exit(void)
{
	while (nr_areas) {
		nr_areas--;
		cd_history_exit(&areas[nr_areas].history);
		cd_requests_free(areas[nr_areas].requests);
	}
	kvfree(areas);
}

/** cd_areas_bytes() - memory that the areas' records take */
size_t cd_areas_bytes(void)
{
	return nr_areas * (sizeof(*areas) + cd_requests_bytes() +
			   CD_HISTORY_LEN * sizeof(struct cd_failure));
}

/** cd_areas_count() - how many areas there are */
unsigned int cd_areas_count(void)
{
	return nr_areas;
}

/**
 * cd_areas_get() - one of the areas
 * @i: below cd_areas_count()
 */
struct cd_area *cd_areas_get(unsigned int i)
{
	return &areas[i];
}

/**
 * cd_areas_find() - what is kept of an area
 * @cma: from cd_cma_area(), which counts them in the same order
 */
struct cd_area *cd_areas_find(const struct cd_cma *cma)
{
	return &areas[cma - cd_cma_area(0)];
}
