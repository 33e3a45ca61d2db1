// SPDX-License-Identifier: GPL-2.0-only
/* Sentences, word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "said.h"
#include "sentences.h"

void check_evidence(const struct cd_diagnosis *diag, const char *text)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_evidence(diag, sentence, sizeof(sentence));
	assert_string_equal(sentence, text);
}

void check_help(const struct cd_diagnosis *diag, const char *text)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_help(diag, sentence, sizeof(sentence));
	assert_string_equal(sentence, text);
}

void check_cheapest(const struct cd_diagnosis *diag, const char *text)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_cheapest(diag, sentence, sizeof(sentence));
	assert_string_equal(sentence, text);
}

void check_whose(const struct cd_diagnosis *diag, const char *text)
{
	char sentence[CD_SENTENCE_MAX];

	cd_say_whose(diag, sentence, sizeof(sentence));
	assert_string_equal(sentence, text);
}
