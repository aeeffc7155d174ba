/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "da-range.h"

typedef struct {
  const char     *text;
  guint64         size;
  DaRangeOutcome  outcome;
  guint64         start;
  guint64         length;
} Case;

static const Case cases[] = {
  { NULL, 10, DA_RANGE_WHOLE, 0, 10 },
  { NULL, 0, DA_RANGE_WHOLE, 0, 0 },
  { "bytes=0-0", 10, DA_RANGE_PART, 0, 1 },
  { "bytes=2-5", 10, DA_RANGE_PART, 2, 4 },
  { "bytes=2-", 10, DA_RANGE_PART, 2, 8 },
  { "bytes=0-9", 10, DA_RANGE_PART, 0, 10 },
  { "bytes=0-99", 10, DA_RANGE_PART, 0, 10 },
  { "bytes=9-99999999999999999999999999", 10, DA_RANGE_PART, 9, 1 },
  { "bytes=-3", 10, DA_RANGE_PART, 7, 3 },
  { "bytes=-10", 10, DA_RANGE_PART, 0, 10 },
  { "bytes=-99999999999999999999999999", 10, DA_RANGE_PART, 0, 10 },
  { "bytes=-0", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=-", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=10-", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=99999999999999999999999999-", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=5-2", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=0-1,3-4", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=0-1 ", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes= 0-1", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=a-b", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=0x1-2", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=--1", 10, DA_RANGE_UNSATISFIABLE },
  { "items=0-1", 10, DA_RANGE_UNSATISFIABLE },
  { "Bytes=0-1", 10, DA_RANGE_UNSATISFIABLE },
  { "", 10, DA_RANGE_UNSATISFIABLE },
  { "bytes=0-0", 0, DA_RANGE_UNSATISFIABLE },
  { "bytes=-1", 0, DA_RANGE_UNSATISFIABLE },
};

static void
test_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 start, length;

      g_test_message ("%s of %" G_GUINT64_FORMAT, cases[i].text, cases[i].size);
      g_assert_cmpint (da_range_parse (cases[i].text, cases[i].size, &start, &length), ==,
                       cases[i].outcome);
      if (cases[i].outcome == DA_RANGE_UNSATISFIABLE)
        continue;
      g_assert_cmpuint (start, ==, cases[i].start);
      g_assert_cmpuint (length, ==, cases[i].length);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/server/range/each-header-is-decided-as-the-table-says", test_table);
  return g_test_run ();
}
