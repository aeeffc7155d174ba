/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

/* Every secret this program keeps. A preset's key is DA_SECRET_PRESET_PREFIX + preset id. */
#define DA_SECRET_API_KEY         "remote-server-api-key"
#define DA_SECRET_OPENAI_KEY      "openai-api-key"
#define DA_SECRET_GROQ_KEY        "groq-api-key"
#define DA_SECRET_GEMINI_KEY      "gemini-api-key"
#define DA_SECRET_DISCORD_TOKEN   "discord-bot-token"
#define DA_SECRET_LANGFUSE_KEY    "langfuse-secret-key"
#define DA_SECRET_CHATGPT_ACCESS  "chatgpt-web-access-token"
#define DA_SECRET_CHATGPT_SESSION "chatgpt-web-session-token"
#define DA_SECRET_PRESET_PREFIX   "preset:"
