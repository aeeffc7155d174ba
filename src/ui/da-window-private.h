/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-window.h"

#include "da-banner.h"
#include "da-chat-page.h"
#include "da-conversation-row.h"
#include "da-empty-page.h"
#include "da-sidebar.h"

G_BEGIN_DECLS

/* da-window.c: what is shown; da-window-actions.c: what can be done with a conversation. */
struct _DaWindow {
  AdwApplicationWindow parent_instance;

  /* owned */
  DaEngine *engine;            /* (nullable) until started */
  GSettings *state;            /* (nullable) */
  GHashTable *drafts;          /* conversation id ("" for the new one) -> words not yet sent */
  GtkFileChooserNative *chooser;
  char *menu_id;               /* (nullable) what the header's menu is about, and offers */
  DaConversationRowFlags menu_flags;

  DaChatPage *page;            /* (nullable) borrowed: what is open */

  /* template */
  AdwToastOverlay *toasts;
  GtkStack *stack;
  AdwStatusPage *failed_page;
  GtkWidget *retry;
  GtkSpinner *spinner;
  AdwLeaflet *leaflet;
  DaSidebar *sidebar;
  GtkWidget *content;
  AdwWindowTitle *title;
  GtkMenuButton *conversation_menu;
  DaBanner *banner;            /* the keyring is locked */
  GtkStack *content_stack;
  DaEmptyPage *empty;
  AdwBin *page_bin;
};

void _da_window_install_actions (GtkWidgetClass *widget_class);
/* Takes @toast. */
void _da_window_add_toast       (DaWindow       *self,
                                 AdwToast       *toast);
/* The keys for the conversations above and below. */
void _da_window_add_step_keys   (DaWindow       *self);
/* The page of a conversation that was deleted goes. */
void _da_window_close_page      (DaWindow       *self);

G_END_DECLS
