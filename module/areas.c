// SPDX-License-Identifier: GPL-2.0-only
/* What the module keeps of each area. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "areas.h"

static struct cd_area *areas;
static unsigned int nr_areas;

static bool is_unique(const struct cd_area *area,
		      bool (*is_taken)(const char *name))
{
	const struct cd_area *other;

	for (other = areas; other < area; other++)
		if (!strcmp(other->dir_name, area->dir_name))
			return false;
	return !is_taken(area->dir_name);
}

/* The name, or the name and the lowest number that makes it unique. */
static void name_directory(struct cd_area *area,
			   bool (*is_taken)(const char *name))
{
	unsigned int i;

	strscpy(area->dir_name, area->cma->name, sizeof(area->dir_name));
	for (i = 1; !is_unique(area, is_taken); i++)
		snprintf(area->dir_name, sizeof(area->dir_name), "%s.%u",
			 area->cma->name, i);
}

/**
 * cd_areas_init() - set up what is kept of each area
 * @is_taken: tells whether something else beside the areas' directories has a
 *            name
 * @max_blocks: allocations in the ledger of each; 0 for none
 *
 * Context: process, may sleep. The areas are known.
 *
 * Return: 0 or -ENOMEM.
 */
int cd_areas_init(bool (*is_taken)(const char *name), unsigned int max_blocks)
{
	unsigned int i;

	areas = kvcalloc(cd_cma_nr_areas(), sizeof(*areas), GFP_KERNEL);
	if (!areas)
		return -ENOMEM;
	for (i = 0; i < cd_cma_nr_areas(); i++) {
		areas[i].cma = cd_cma_area(i);
		name_directory(&areas[i], is_taken);
		cd_watches_init(&areas[i].watches);
		/* Counted first, so that what there is of it is freed. */
		nr_areas++;
		areas[i].requests = cd_requests_alloc();
		if (!areas[i].requests ||
		    cd_history_init(&areas[i].history) ||
		    cd_holders_init(&areas[i].holders, areas[i].cma,
				    max_blocks) ||
		    cd_area_marks_init(&areas[i].marks,
				       &areas[i].holders.places)) {
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
		cd_watches_clear(&areas[nr_areas].watches);
		cd_area_marks_exit(&areas[nr_areas].marks);
		cd_holders_exit(&areas[nr_areas].holders);
		cd_history_exit(&areas[nr_areas].history);
		cd_requests_free(areas[nr_areas].requests);
	}
	kvfree(areas);
}

/** cd_areas_bytes() - memory that the areas' records take */
size_t cd_areas_bytes(void)
{
	size_t bytes = nr_areas * (sizeof(*areas) + cd_requests_bytes() +
				   CD_HISTORY_LEN * sizeof(struct cd_failure));
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		bytes += cd_holders_bytes(&areas[i].holders) +
			 cd_cma_bitmap_words(areas[i].cma) * sizeof(long);
	return bytes;
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
	return &areas[cma - areas->cma];
}

/**
 * cd_area_held_up_max_ns() - the longest that a request was held up at a time
 * @area: the area
 *
 * Of those that failed; and of those that had their pages, while the ledger
 * forgot what was released, or for a watch or a mark.
 *
 * Context: any.
 */
u64 cd_area_held_up_max_ns(const struct cd_area *area)
{
	return max(atomic64_read(&area->held_up_max_ns),
		   atomic64_read(&area->holders.longest_sweep_ns));
}
