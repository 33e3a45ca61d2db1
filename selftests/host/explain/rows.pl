#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# rows.pl [KEY]...
#
# Rows as in ../logs/EXPECTED.tsv, without the file, of what cma-explain --json
# prints, and these keys besides; dies of what is no JSON, or has other keys.
use strict;
use warnings;
use JSON::PP;

my @columns = qw(area count align align_assumed errno verdict total free
		 nr_runs largest largest_aligned complete);
my $keys = join ' ', sort @columns, qw(line evidence help to_free cheapest);
push @columns, @ARGV;

sub say_value {
	my ($value) = @_;
	return '-' unless defined $value;
	return $value ? 'yes' : 'no' if JSON::PP::is_bool($value);
	return $value;
}

while (my $line = <STDIN>) {
	my $failure = decode_json($line);
	die "line $.: other keys\n" if join(' ', sort keys %$failure) ne $keys;
	die "line $.: no words\n"
		unless $failure->{evidence} && $failure->{help};
	print join("\t", map { say_value($failure->{$_}) } @columns), "\n";
}
