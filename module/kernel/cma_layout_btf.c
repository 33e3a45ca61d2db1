// SPDX-License-Identifier: GPL-2.0-only
/*
 * The layout of struct cma from the running kernel's BTF, by field name.
 *
 * The BTF functions used are found by symbol. They and their prototypes are
 * the same in 5.10, 6.1, 6.12 and 7.3 (include/linux/btf.h and bpf.h).
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/string.h>

#include "log.h"
#include "kernel/cma_layout.h"
#include "kernel/symbols.h"

struct btf_access {
	const struct btf *btf;
	struct btf *(*vmlinux)(void);
	s32 (*find)(const struct btf *btf, const char *name, u8 kind);
	const struct btf_type *(*type)(const struct btf *btf, u32 id);
	const char *(*string)(const struct btf *btf, u32 offset);
};

static int open_btf(struct btf_access *access)
{
	access->vmlinux = cd_symbol("bpf_get_btf_vmlinux");
	access->find = cd_symbol("btf_find_by_name_kind");
	access->type = cd_symbol("btf_type_by_id");
	access->string = cd_symbol("btf_name_by_offset");
	if (!access->vmlinux || !access->find || !access->type ||
	    !access->string)
		return -ENOENT;
	access->btf = access->vmlinux();
	return IS_ERR_OR_NULL(access->btf) ? -ENOENT : 0;
}

static const struct btf_type *find_struct(const struct btf_access *access,
					  const char *name)
{
	s32 id = access->find(access->btf, name, BTF_KIND_STRUCT);

	return id > 0 ? access->type(access->btf, id) : NULL;
}

/* The type behind typedefs and qualifiers. */
static const struct btf_type *bare_type(const struct btf_access *access,
					u32 id)
{
	const struct btf_type *type = access->type(access->btf, id);

	while (type) {
		switch (BTF_INFO_KIND(type->info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
			type = access->type(access->btf, type->type);
			continue;
		default:
			return type;
		}
	}
	return NULL;
}

static bool is_composite(const struct btf_type *type)
{
	u32 kind = BTF_INFO_KIND(type->info);

	return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static u32 bit_offset(const struct btf_type *type,
		      const struct btf_member *member)
{
	return BTF_INFO_KFLAG(type->info) ?
	       BTF_MEMBER_BIT_OFFSET(member->offset) : member->offset;
}

/* The field @name directly in @type; its type goes to @field_type. */
static int find_direct(const struct btf_access *access,
		       const struct btf_type *type, const char *name,
		       size_t *offset, const struct btf_type **field_type)
{
	const struct btf_member *member = (const void *)(type + 1);
	u32 i;

	for (i = 0; i < BTF_INFO_VLEN(type->info); i++, member++) {
		const char *found = access->string(access->btf,
						   member->name_off);

		if (found && !strcmp(found, name)) {
			*offset = bit_offset(type, member) / 8;
			*field_type = bare_type(access, member->type);
			return 0;
		}
	}
	return -ENOENT;
}

/* ... or in an unnamed struct or union inside it, one level down. */
static int find_field(const struct btf_access *access,
		      const struct btf_type *type, const char *name,
		      size_t *offset, const struct btf_type **field_type)
{
	const struct btf_member *member = (const void *)(type + 1);
	u32 i;

	if (!find_direct(access, type, name, offset, field_type))
		return 0;
	for (i = 0; i < BTF_INFO_VLEN(type->info); i++, member++) {
		const struct btf_type *inner = bare_type(access, member->type);

		if (member->name_off || !inner || !is_composite(inner) ||
		    find_direct(access, inner, name, offset, field_type))
			continue;
		*offset += bit_offset(type, member) / 8;
		return 0;
	}
	return -ENOENT;
}

static int find_offset(const struct btf_access *access,
		       const struct btf_type *type, const char *name,
		       size_t *offset)
{
	const struct btf_type *field_type;
	int err = find_field(access, type, name, offset, &field_type);

	if (err)
		pr_err("not loaded: BTF knows no field '%s' in this kernel's struct %s\n",
		       name, access->string(access->btf, type->name_off));
	return err;
}

/* The lock's kind is its type: struct mutex, or what spinlock_t is. */
static int find_lock(const struct btf_access *access,
		     const struct btf_type *cma, struct cd_cma_layout *layout)
{
	const struct btf_type *lock = NULL;
	const char *name = "";

	if (!find_field(access, cma, "lock", &layout->lock, &lock) && lock)
		name = access->string(access->btf, lock->name_off);
	layout->lock_is_mutex = !strcmp(name, "mutex");
	if (layout->lock_is_mutex || !strcmp(name, "spinlock"))
		return 0;
	pr_err("not loaded: BTF says that struct cma's lock is a '%s', which is not understood\n",
	       name);
	return -EOPNOTSUPP;
}

static int find_activated_bit(const struct btf_access *access,
			      unsigned int *bit)
{
	s32 id = access->find(access->btf, "cma_flags", BTF_KIND_ENUM);
	const struct btf_type *type;
	const struct btf_enum *value;
	u32 i, nr_values = 0;

	if (id > 0) {
		type = access->type(access->btf, id);
		nr_values = BTF_INFO_VLEN(type->info);
		value = (const void *)(type + 1);
	}
	for (i = 0; i < nr_values; i++, value++) {
		const char *name = access->string(access->btf,
						  value->name_off);

		if (name && !strcmp(name, "CMA_ACTIVATED")) {
			*bit = value->val;
			return 0;
		}
	}
	pr_err("not loaded: BTF knows no CMA_ACTIVATED in this kernel's enum cma_flags\n");
	return -ENOENT;
}

static int find_ranges(const struct btf_access *access,
		       const struct btf_type *cma,
		       struct cd_cma_layout *layout)
{
	const struct btf_type *range = find_struct(access, "cma_memrange");

	layout->has_ranges = true;
	layout->range_size = range->size;
	return find_offset(access, range, "base_pfn", &layout->base_pfn) ?:
	       find_offset(access, range, "bitmap", &layout->bitmap) ?:
	       find_offset(access, range, "count", &layout->range_count) ?:
	       find_offset(access, cma, "nranges", &layout->nranges) ?:
	       find_offset(access, cma, "ranges", &layout->ranges) ?:
	       find_offset(access, cma, "flags", &layout->flags) ?:
	       find_activated_bit(access, &layout->activated_bit);
}

static int find_single_range(const struct btf_access *access,
			     const struct btf_type *cma,
			     struct cd_cma_layout *layout)
{
	return find_offset(access, cma, "base_pfn", &layout->base_pfn) ?:
	       find_offset(access, cma, "bitmap", &layout->bitmap);
}

/**
 * cd_cma_layout_from_btf() - offsets as the running kernel describes them
 * @layout: result
 *
 * Context: process, may sleep. The first call in a system's life may make the
 * kernel parse its BTF.
 *
 * Return: 0; -ENOENT when there is no BTF, silently; another errno, after one
 * sentence in the kernel log, when BTF is there and not understood.
 */
int cd_cma_layout_from_btf(struct cd_cma_layout *layout)
{
	struct btf_access access;
	const struct btf_type *cma;
	int err = open_btf(&access);

	if (err)
		return err;
	*layout = (struct cd_cma_layout){ .source = "BTF" };
	cma = find_struct(&access, "cma");
	if (!cma) {
		pr_err("not loaded: this kernel's BTF has no struct cma\n");
		return -EOPNOTSUPP;
	}
	layout->size = cma->size;
	err = find_offset(&access, cma, "name", &layout->name) ?:
	      find_offset(&access, cma, "order_per_bit",
			  &layout->order_per_bit) ?:
	      find_offset(&access, cma, "count", &layout->count) ?:
	      find_lock(&access, cma, layout) ?:
	      (find_struct(&access, "cma_memrange") ?
	       find_ranges(&access, cma, layout) :
	       find_single_range(&access, cma, layout));
	return err ? -EOPNOTSUPP : 0;
}
