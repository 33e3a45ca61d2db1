#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The metrics for node_exporter: their format, strictly, and their values.
cd "$(dirname "$0")" || exit 1
. ./guest.sh
needs root debugfs reload shape cma-diag-textfile
needs_areas "$AREA"

load cma_shape
refuses_without_module() {
	unload_diag
	refused "is cma_diag loaded" from_project/cma-diag-textfile
}
check "without the module it says what is missing" refuses_without_module
load cma_diag
shape hold "$AREA" 100 0
shape hold "$AREA" 8193 3 2>/dev/null
shape hold "$AREA" 8193 3 2>/dev/null
for question in "100 3" "8000 0" "456"; do
	echo "$question" >"$DIAG/$AREA/watch"
done
shape hold "$AREA" 200 0

# The text format 0.0.4, a line at a time: each metric is described once, before
# its samples, which stand together, are counters when they end in _total, and
# are there once for each set of labels.
is_strict() {
	awk '
	function bad(why) { print FILENAME ":" NR ": " why ": " $0; failed = 1; exit }
	/^# HELP [a-z_]+ [A-Z].*\.$/ {
		if ($3 in helped)
			bad("described twice")
		helped[$3] = name = $3
		next
	}
	/^# TYPE [a-z_]+ (counter|gauge)$/ {
		if ($3 != name)
			bad("not after its HELP")
		if ((name ~ /_total$/) != ($4 == "counter"))
			bad("the name does not suit the type")
		typed = name
		next
	}
	/^[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9]+(\.[0-9]+)?$/ {
		split($0, parts, /[{ ]/)
		if (parts[1] != typed)
			bad("a sample apart from its TYPE")
		series = $0
		sub(/ [0-9.]+$/, "", series)
		if (series in seen)
			bad("there twice")
		seen[series] = 1
		next
	}
	{ bad("not of the format") }
	END { print "# " NR " lines"; exit failed || NR < 50 }' "$1"
}
has_format() {
	from_project/cma-diag-textfile /tmp/cma_diag.prom && is_strict /tmp/cma_diag.prom
}
check "the metrics are strictly of the text format" has_format

has_values() {
	labels="{area=\"$AREA\""
	stats=$DIAG/$AREA/stats
	for pair in \
		"cma_diag_area_pages$labels}:pages" \
		"cma_diag_area_free_pages$labels}:free_pages" \
		"cma_diag_area_usable_pages$labels,align=\"12\"}:usable_pages_12" \
		"cma_diag_area_remainder_runs$labels,align=\"8\"}:remainder_runs_8" \
		"cma_diag_area_remainder_pages$labels,align=\"8\"}:remainder_pages_8" \
		"cma_diag_range_first_pfn$labels,range=\"0\"}:range_0_pfn" \
		"cma_diag_failures_total$labels,verdict=\"too-big\"}:failures_too_big" \
		"cma_diag_peak_used_pages$labels}:peak_used_pages" \
		"cma_diag_peak_used_time_seconds$labels}:peak_used_time" \
		"cma_diag_lowest_run_pages$labels}:lowest_run_pages" \
		"cma_diag_enough_pages$labels}:enough_pages" \
		"cma_diag_apart_all_pages$labels}:apart_all_pages" \
		"cma_diag_requested_pages_total$labels,result=\"failed\"}:requests_failed_pages"; do
		value=$(sed -n "s/^${pair##*:} //p" "$stats")
		expect "${pair%:*} $value" /tmp/cma_diag.prom || return
	done
	expect "cma_diag_failures_total$labels,verdict=\"too-big\"} 2" \
		/tmp/cma_diag.prom &&
		expect "cma_diag_watch_fits$labels,pages=\"456\",align=\"8\"} 1" \
			/tmp/cma_diag.prom &&
		expect "cma_diag_watch_fits$labels,pages=\"8000\",align=\"0\"} 0" \
			/tmp/cma_diag.prom &&
		expect "cma_diag_watch_broken_total$labels,pages=\"8000\",align=\"0\"} 1" \
			/tmp/cma_diag.prom &&
		expect "cma_diag_lacked_room$labels} 2" /tmp/cma_diag.prom &&
		expect "cma_diag_area_watches$labels} 3" /tmp/cma_diag.prom
}
check "the metrics have the values of stats" has_values

refuses_unknown_version() {
	mkdir -p /tmp/fake/area
	echo "version 2" >/tmp/fake/stats
	echo "version 1" >/tmp/fake/area/stats
	CMA_DIAG=/tmp/fake refused "not understood: version 2" \
		from_project/cma-diag-textfile
}
check "a version of stats that is not known is refused" \
	refuses_unknown_version
test_end
