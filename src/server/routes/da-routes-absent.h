/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

/* States of things that do not exist yet, which GET /v1/operator/status shows as well. */
#define DA_ABSENT_NO_LOGS "{\"total\":0}"
#define DA_ABSENT_TUNNEL "{\"running\":false,\"starting\":false,\"mode\":null}"
#define DA_ABSENT_DISCORD                                                                     \
  "{\"available\":false,\"enabled\":false,\"connected\":false,\"connecting\":false,"          \
  "\"tokenConfigured\":false,\"logs\":" DA_ABSENT_NO_LOGS "}"
#define DA_ABSENT_WHATSAPP                                                                    \
  "{\"enabled\":false,\"available\":false,\"connected\":false,\"serverConfigured\":false,"    \
  "\"serverConnected\":false,\"autoReplyEnabled\":false,\"logMessagesEnabled\":false,"        \
  "\"allowedSenderCount\":0,\"hasCredentials\":false,\"logs\":" DA_ABSENT_NO_LOGS "}"
#define DA_ABSENT_PUSH "{\"enabled\":false,\"tokenCount\":0,\"platforms\":[]}"
#define DA_ABSENT_INTEGRATIONS                                                                \
  "{\"discord\":" DA_ABSENT_DISCORD ",\"whatsapp\":" DA_ABSENT_WHATSAPP                       \
  ",\"pushNotifications\":" DA_ABSENT_PUSH "}"
/* Debian and Flatpak bring updates; the program looks for none. */
#define DA_ABSENT_UPDATER                                                                     \
  "{\"enabled\":false,\"mode\":\"manual\",\"currentVersion\":\"" DA_VERSION "\","             \
  "\"updateInfo\":null,\"manualReleasesUrl\":\"\",\"updateAvailable\":false}"
