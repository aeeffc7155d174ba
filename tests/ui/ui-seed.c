/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/* ui-seed FOLDER: fills a fresh data folder with conversations, for screenshots and for trying the
 * window: dotagents --data-dir FOLDER/data --agents-dir FOLDER/agents --no-keyring */

#include "da-worker.h"
#include "ui-sample.h"

#define HOUR (60LL * 60 * 1000)
#define DAY (24 * HOUR)

static const struct {
  const char *title;
  guint messages;
  gint64 age;
} samples[] = {
  { "Plan for the week", 4, HOUR },
  { "Why is the build slow?", 6, 3 * HOUR },
  { "Letter to the landlord", 2, DAY + HOUR },
  { "Recipe for six people, one of whom eats no gluten and no nuts", 8, 2 * DAY },
  { "A very long talk", 2000, 3 * DAY },
  { "Names for a cat", 2, 12 * DAY },
  { "Taxes", 4, 60 * DAY },
  { "Trip to Lisbon", 6, 500 * DAY },
};

int
main (int argc, char *argv[])
{
  DaEngine *engine;

  if (argc != 2)
    {
      g_printerr ("usage: ui-seed FOLDER\n");
      return 2;
    }
  engine = ui_sample_engine (argv[1]);
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autoptr(DaConversation) stored = NULL;

      stored = ui_sample_conversation (engine, samples[i].title, samples[i].messages,
                                       samples[i].age);
    }
  ui_sample_engine_stop (engine);
  da_worker_stop (da_worker_get_slow ());
  return 0;
}
