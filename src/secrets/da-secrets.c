/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-secrets"

#include "da-secrets.h"

#include <string.h>

#include "da-error.h"
#include "da-macros.h"
#include "da-random.h"
#include "da-redact.h"
#include "da-secrets-private.h"

/*
 * The part that every place for secrets has in common: the environment comes first, values that
 * were seen are hidden from logs, and a locked keyring is asked about once. A backend only answers
 * DA_ERROR_LOCKED; whether a person is asked is decided here:
 *
 *   operation -> LOCKED -> nobody was asked yet?  --> ask, then run the operation once more
 *                       -> a question is open?    --> wait for its answer, then once more
 *                       -> asked before           --> LOCKED goes to the caller
 *
 * Whatever the second run says is the answer; there is no third. An open question does not belong
 * to the operation that caused it: a phone that hangs up must not take the dialog away from the
 * window. Lives on the main thread; never blocks.
 */

/* A dialog that nobody answers counts as refused, so that no request waits on it for ever. */
#define QUESTION_TIMEOUT_MS (120 * 1000)

/* Longest secret; an OAuth token has a few KiB, anything far above is a pasted file. */
#define MAX_SECRET_BYTES (64 * 1024)

static const struct {
  const char *variable;
  const char *id;
} environment_table[] = {
  { "DOTAGENTS_API_KEY",           DA_SECRET_API_KEY },
  { "OPENAI_API_KEY",              DA_SECRET_OPENAI_KEY },
  { "GROQ_API_KEY",                DA_SECRET_GROQ_KEY },
  { "GEMINI_API_KEY",              DA_SECRET_GEMINI_KEY },
  { "DOTAGENTS_DISCORD_BOT_TOKEN", DA_SECRET_DISCORD_TOKEN },
};

typedef enum {
  OPERATION_LOOKUP,
  OPERATION_STORE,
  OPERATION_CLEAR,
  OPERATION_UNLOCK,
} OperationKind;

typedef struct {
  OperationKind  kind;
  gboolean       retried;
  char          *id;
  char          *label;
  char          *secret;
} Operation;

/* One caller that waits for the open question. */
typedef struct {
  DaSecrets *self;           /* borrowed: the task holds it */
  GTask     *task;
  GSource   *cancel_source;
} Waiter;

typedef struct {
  /* owned */
  GHashTable   *environment;     /* id -> value */
  GPtrArray    *waiters;         /* Waiter */
  GCancellable *question;        /* set while a question is open */
  DaSecrets    *older;           /* (nullable) where secrets were kept before */
  guint         question_timeout;

  gboolean      asked : 1;
  gboolean      timed_out : 1;
  guint         locked : 1;
} DaSecretsPrivate;

enum {
  PROP_0,
  PROP_LOCKED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (DaSecrets, da_secrets, G_TYPE_OBJECT)

static guint question_timeout_ms = QUESTION_TIMEOUT_MS;

static void start_operation (GTask *task);

static void
operation_free (Operation *operation)
{
  g_free (operation->id);
  g_free (operation->label);
  g_clear_pointer (&operation->secret, da_secret_free);
  g_free (operation);
}

static void
waiter_free (Waiter *waiter)
{
  if (waiter->cancel_source != NULL)
    g_source_destroy (waiter->cancel_source);
  g_clear_pointer (&waiter->cancel_source, g_source_unref);
  g_clear_object (&waiter->task);
  g_free (waiter);
}

static const char *
find_variable (const char *id)
{
  for (gsize i = 0; i < G_N_ELEMENTS (environment_table); i++)
    if (g_str_equal (environment_table[i].id, id))
      return environment_table[i].variable;
  return NULL;
}

static void
set_locked (DaSecrets *self, gboolean locked)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);

  if (priv->locked == locked)
    return;
  priv->locked = locked;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOCKED]);
}

/* What a place has answered says whether it is locked; a cancelled call does not, and "there is
 * none" is heard from locked places too (@proof FALSE). */
static void
learn_from (DaSecrets *self, const GError *error, gboolean proof)
{
  if (error == NULL && proof)
    set_locked (self, FALSE);
  else if (g_error_matches (error, DA_ERROR, DA_ERROR_LOCKED))
    set_locked (self, TRUE);
}

/* --- The one question ----------------------------------------------------------------------- */

static void
unlock_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DaSecrets *self = DA_SECRETS (source);
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) waiters = NULL;

  if (!DA_SECRETS_GET_CLASS (self)->unlock_finish (self, result, &error) && priv->timed_out)
    {
      g_clear_error (&error);
      g_set_error_literal (&error, DA_ERROR, DA_ERROR_LOCKED,
                           "The keyring is locked and nobody answered its question");
    }
  g_clear_handle_id (&priv->question_timeout, g_source_remove);
  g_clear_object (&priv->question);
  waiters = g_steal_pointer (&priv->waiters);
  priv->waiters = g_ptr_array_new_with_free_func ((GDestroyNotify) waiter_free);
  learn_from (self, error, TRUE);

  for (guint i = 0; i < waiters->len; i++)
    {
      GTask *task = ((Waiter *) waiters->pdata[i])->task;
      Operation *operation = g_task_get_task_data (task);

      if (operation->kind != OPERATION_UNLOCK)
        start_operation (g_object_ref (task));
      else if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
    }
}

void
_da_secrets_set_question_timeout (guint milliseconds)
{
  question_timeout_ms = milliseconds;
}

static gboolean
on_question_timeout (gpointer user_data)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (DA_SECRETS (user_data));

  priv->question_timeout = 0;
  priv->timed_out = TRUE;
  g_cancellable_cancel (priv->question);
  return G_SOURCE_REMOVE;
}

static void
ask (DaSecrets *self)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);

  g_assert (priv->question == NULL);
  priv->asked = TRUE;
  priv->timed_out = FALSE;
  priv->question = g_cancellable_new ();
  priv->question_timeout = g_timeout_add (question_timeout_ms, on_question_timeout, self);
  DA_SECRETS_GET_CLASS (self)->unlock_async (self, priv->question, unlock_cb, NULL);
}

static gboolean
on_waiter_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;
  DaSecretsPrivate *priv = da_secrets_get_instance_private (waiter->self);
  g_autoptr(GTask) task = g_object_ref (waiter->task);

  g_ptr_array_remove (priv->waiters, waiter);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/* Takes @task; it goes on in unlock_cb(). */
static void
wait_for_answer (GTask *task)
{
  DaSecrets *self = g_task_get_source_object (task);
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->self = self;
  waiter->task = task;
  if (cancellable != NULL)
    {
      waiter->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->cancel_source, G_SOURCE_FUNC (on_waiter_cancelled), waiter,
                             NULL);
      g_source_attach (waiter->cancel_source, NULL);
    }
  g_ptr_array_add (priv->waiters, waiter);
}

/* --- Operations ----------------------------------------------------------------------------- */

/* TRUE when the operation will run once more and @task was taken. */
static gboolean
retry_after_unlock (GTask *task, const GError *error)
{
  DaSecrets *self = g_task_get_source_object (task);
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);
  Operation *operation = g_task_get_task_data (task);

  if (!g_error_matches (error, DA_ERROR, DA_ERROR_LOCKED) || operation->retried)
    return FALSE;
  if (priv->question == NULL && priv->asked)
    return FALSE;

  operation->retried = TRUE;
  wait_for_answer (g_object_ref (task));
  if (priv->question == NULL)
    ask (self);
  return TRUE;
}

/* Moving house: the same person may run the program with a keyring today and had none yesterday.
 * What only the older place knows is found there; what is written here is forgotten there. */

static void
forgotten_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;

  if (!da_secrets_clear_finish (DA_SECRETS (source), result, &error))
    g_info ("An older copy of a secret stays behind: %s", error->message);
}

static void
forget_older (DaSecrets *self, const char *id)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);

  if (priv->older != NULL)
    da_secrets_clear_async (priv->older, id, NULL, forgotten_cb, NULL);
}

static void
older_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  char *secret = da_secrets_lookup_finish (DA_SECRETS (source), result, &error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, secret, (GDestroyNotify) da_secret_free);
}

/* TRUE when the older place is asked; it answers the task. */
static gboolean
look_in_older (GTask *task)
{
  DaSecretsPrivate *priv =
    da_secrets_get_instance_private (g_task_get_source_object (task));
  Operation *operation = g_task_get_task_data (task);

  if (priv->older == NULL)
    return FALSE;
  da_secrets_lookup_async (priv->older, operation->id, g_task_get_cancellable (task), older_cb,
                           g_object_ref (task));
  return TRUE;
}

void
da_secrets_set_older (DaSecrets *self,
                      DaSecrets *older)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);

  g_return_if_fail (self != older);
  g_set_object (&priv->older, older);
}

static void
operation_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  DaSecrets *self = DA_SECRETS (source);
  DaSecretsClass *class = DA_SECRETS_GET_CLASS (self);
  Operation *operation = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  char *secret = NULL;

  switch (operation->kind)
    {
    case OPERATION_LOOKUP:
      secret = class->lookup_finish (self, result, &error);
      break;
    case OPERATION_STORE:
      class->store_finish (self, result, &error);
      break;
    case OPERATION_CLEAR:
      class->clear_finish (self, result, &error);
      break;
    case OPERATION_UNLOCK:
    default:
      g_assert_not_reached ();
    }

  /* A question is open: its answer is what counts. */
  if (error != NULL && retry_after_unlock (task, error))
    return;
  learn_from (self, error, secret != NULL || operation->kind == OPERATION_STORE);
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else if (operation->kind == OPERATION_LOOKUP)
    {
      if (secret == NULL && look_in_older (task))
        return;
      if (secret != NULL)
        da_redact_register (secret);
      g_task_return_pointer (task, secret, (GDestroyNotify) da_secret_free);
    }
  else
    {
      forget_older (self, operation->id);
      g_task_return_boolean (task, TRUE);
    }
}

/* Takes @task. */
static void
start_operation (GTask *task)
{
  DaSecrets *self = g_task_get_source_object (task);
  DaSecretsClass *class = DA_SECRETS_GET_CLASS (self);
  GCancellable *cancellable = g_task_get_cancellable (task);
  Operation *operation = g_task_get_task_data (task);

  switch (operation->kind)
    {
    case OPERATION_LOOKUP:
      class->lookup_async (self, operation->id, cancellable, operation_cb, task);
      break;
    case OPERATION_STORE:
      class->store_async (self, operation->id, operation->label, operation->secret, cancellable,
                          operation_cb, task);
      break;
    case OPERATION_CLEAR:
      class->clear_async (self, operation->id, cancellable, operation_cb, task);
      break;
    case OPERATION_UNLOCK:
    default:
      g_assert_not_reached ();
    }
}

static Operation *
attach_operation (GTask *task, OperationKind kind, const char *id)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->kind = kind;
  operation->id = g_strdup (id);
  g_task_set_task_data (task, operation, (GDestroyNotify) operation_free);
  return operation;
}

DaSecretsKind
da_secrets_get_kind (DaSecrets *self)
{
  g_return_val_if_fail (DA_IS_SECRETS (self), DA_SECRETS_KIND_MEMORY);

  return DA_SECRETS_GET_CLASS (self)->get_kind (self);
}

void
da_secrets_lookup_async (DaSecrets           *self,
                         const char          *id,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);
  g_autoptr(GTask) task = NULL;
  const char *given;

  DA_ASSERT_MAIN_THREAD ();
  g_return_if_fail (DA_IS_SECRETS (self));
  g_return_if_fail (id != NULL && *id != '\0');

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_secrets_lookup_async);
  attach_operation (task, OPERATION_LOOKUP, id);

  given = g_hash_table_lookup (priv->environment, id);
  if (given != NULL)
    g_task_return_pointer (task, g_strdup (given), (GDestroyNotify) da_secret_free);
  else
    start_operation (g_steal_pointer (&task));
}

char *
da_secrets_lookup_finish (DaSecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* What a backend may rely on: text that every one of them can keep without changing it. */
static GError *
check_secret (const char *id, const char *secret)
{
  gsize length = strlen (secret);

  if (length > MAX_SECRET_BYTES)
    return g_error_new (DA_ERROR, DA_ERROR_TOO_LARGE, "A secret may have at most %d bytes",
                        MAX_SECRET_BYTES);
  if (!g_utf8_validate (secret, (gssize) length, NULL) || !g_utf8_validate (id, -1, NULL))
    return g_error_new_literal (DA_ERROR, DA_ERROR_INVALID, "A secret must be UTF-8 text");
  return NULL;
}

void
da_secrets_store_async (DaSecrets           *self,
                        const char          *id,
                        const char          *label,
                        const char          *secret,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(GError) error = NULL;
  Operation *operation;

  DA_ASSERT_MAIN_THREAD ();
  g_return_if_fail (DA_IS_SECRETS (self));
  g_return_if_fail (id != NULL && *id != '\0');
  g_return_if_fail (secret != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_secrets_store_async);
  operation = attach_operation (task, *secret != '\0' ? OPERATION_STORE : OPERATION_CLEAR, id);
  operation->label = g_strdup (label != NULL ? label : id);
  operation->secret = g_strdup (secret);

  error = check_secret (id, secret);
  if (error == NULL && *secret != '\0' && da_secrets_is_environment (self, id))
    /* A stored value would not take effect; saying "saved" would be untrue. */
    error = g_error_new (DA_ERROR, DA_ERROR_CONFLICT,
                         "This secret is given by the environment (%s); change it there",
                         find_variable (id));
  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (*secret != '\0')
    da_redact_register (secret);
  start_operation (g_steal_pointer (&task));
}

gboolean
da_secrets_store_finish (DaSecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
da_secrets_clear_async (DaSecrets           *self,
                        const char          *id,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;

  DA_ASSERT_MAIN_THREAD ();
  g_return_if_fail (DA_IS_SECRETS (self));
  g_return_if_fail (id != NULL && *id != '\0');

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_secrets_clear_async);
  attach_operation (task, OPERATION_CLEAR, id);
  start_operation (g_steal_pointer (&task));
}

gboolean
da_secrets_clear_finish (DaSecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
da_secrets_unlock_async (DaSecrets           *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);
  g_autoptr(GTask) task = NULL;

  DA_ASSERT_MAIN_THREAD ();
  g_return_if_fail (DA_IS_SECRETS (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, da_secrets_unlock_async);
  attach_operation (task, OPERATION_UNLOCK, NULL);
  wait_for_answer (g_steal_pointer (&task));
  if (priv->question == NULL)
    ask (self);
}

gboolean
da_secrets_unlock_finish (DaSecrets *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
da_secrets_get_locked (DaSecrets *self)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);

  g_return_val_if_fail (DA_IS_SECRETS (self), FALSE);

  return priv->locked;
}

gboolean
da_secrets_is_environment (DaSecrets *self, const char *id)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);

  g_return_val_if_fail (DA_IS_SECRETS (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  return g_hash_table_contains (priv->environment, id);
}

/* --- DaSecretsClass: places that have no lock ----------------------------------------------- */

static void
da_secrets_real_unlock_async (DaSecrets           *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, da_secrets_real_unlock_async);
  g_task_return_boolean (task, TRUE);
}

static gboolean
da_secrets_real_unlock_finish (DaSecrets *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- GObject -------------------------------------------------------------------------------- */

static void
da_secrets_finalize (GObject *object)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (DA_SECRETS (object));

  /* Every waiter holds a reference to the object, so there is none left. */
  g_assert (priv->waiters->len == 0);
  g_clear_handle_id (&priv->question_timeout, g_source_remove);
  g_clear_object (&priv->question);
  g_clear_object (&priv->older);
  g_clear_pointer (&priv->waiters, g_ptr_array_unref);
  g_clear_pointer (&priv->environment, g_hash_table_unref);
  G_OBJECT_CLASS (da_secrets_parent_class)->finalize (object);
}

static void
da_secrets_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_LOCKED)
    g_value_set_boolean (value, da_secrets_get_locked (DA_SECRETS (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
da_secrets_class_init (DaSecretsClass *class)
{
  G_OBJECT_CLASS (class)->finalize = da_secrets_finalize;
  G_OBJECT_CLASS (class)->get_property = da_secrets_get_property;
  properties[PROP_LOCKED] = g_param_spec_boolean ("locked", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS
                                                  | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (G_OBJECT_CLASS (class), N_PROPS, properties);
  class->unlock_async = da_secrets_real_unlock_async;
  class->unlock_finish = da_secrets_real_unlock_finish;
}

static void
da_secrets_init (DaSecrets *self)
{
  DaSecretsPrivate *priv = da_secrets_get_instance_private (self);

  priv->waiters = g_ptr_array_new_with_free_func ((GDestroyNotify) waiter_free);
  priv->environment = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                             (GDestroyNotify) da_secret_free);
  for (gsize i = 0; i < G_N_ELEMENTS (environment_table); i++)
    {
      const char *value = g_getenv (environment_table[i].variable);

      if (value == NULL || *value == '\0')
        continue;
      da_redact_register (value);
      g_hash_table_insert (priv->environment, (gpointer) environment_table[i].id, g_strdup (value));
    }
}
