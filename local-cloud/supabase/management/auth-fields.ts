import { z } from 'zod';

/** A value of the auth configuration. */
export type AuthValue = string | number | boolean | null;

type Fields = Readonly<Record<string, z.ZodType<AuthValue>>>;

const text = z.string().nullable();
const toggle = z.boolean().nullable();
const integer = (min: number, max = 2_147_483_647) => z.int().min(min).max(max).nullable();
const noComma = z
  .string()
  .regex(/^[^,]+$/)
  .nullable();

function each<T>(names: string, type: T): Record<string, T> {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, type]),
  );
}

const mails = 'invite confirmation recovery email_change magic_link reauthentication';
const notices =
  'password_changed email_changed phone_changed mfa_factor_enrolled mfa_factor_unenrolled identity_linked identity_unlinked';

function mailFields(): Fields {
  const kinds = [...mails.split(' '), ...notices.split(' ').map((notice) => `${notice}_notification`)];
  return {
    ...each(kinds.map((kind) => `mailer_subjects_${kind} mailer_templates_${kind}_content`).join(' '), text),
    ...each(notices.replace(/\w+/g, 'mailer_notifications_$&_enabled'), toggle),
  };
}

const providers =
  'apple azure bitbucket discord facebook figma github gitlab google kakao keycloak linkedin_oidc slack_oidc notion ' +
  'slack spotify twitch twitter x workos zoom';

function providerFields(): Fields {
  const names = providers.split(' ');
  return {
    ...each(names.map((name) => `external_${name}_enabled`).join(' '), toggle),
    ...each(
      names
        .filter((name) => name !== 'workos')
        .map((name) => `external_${name}_email_optional`)
        .join(' '),
      toggle,
    ),
    ...each(names.map((name) => `external_${name}_client_id external_${name}_secret`).join(' '), text),
    ...each('external_azure_url external_gitlab_url external_keycloak_url external_workos_url', text),
    ...each('external_apple_additional_client_ids external_google_additional_client_ids', text),
    external_google_skip_nonce_check: toggle,
  };
}

const hooks =
  'mfa_verification_attempt password_verification_attempt custom_access_token send_sms send_email ' +
  'before_user_created after_user_created';

function hookFields(): Fields {
  return {
    ...each(hooks.replace(/\w+/g, 'hook_$&_enabled'), toggle),
    ...each(hooks.replace(/\w+/g, 'hook_$&_uri hook_$&_secrets'), text),
  };
}

const letters = 'abcdefghijklmnopqrstuvwxyz';
const characterSets = [
  `${letters}${letters.toUpperCase()}:0123456789`,
  `${letters}:${letters.toUpperCase()}:0123456789`,
  `${letters}:${letters.toUpperCase()}:0123456789:!@#$%^&*()_+-=[]{};'\\\\:"|<>?,./\`~`,
  '',
];

/** What `PATCH /config/auth` takes (UpdateAuthConfigBody); everything is optional and nearly everything nullable. */
export const authFields: Fields = {
  ...mailFields(),
  ...providerFields(),
  ...hookFields(),
  ...each('site_url saml_external_url', noComma),
  ...each(
    `disable_signup mailer_allow_unverified_email_sign_ins mailer_autoconfirm external_anonymous_users_enabled
    external_email_enabled external_phone_enabled saml_enabled security_sb_forwarded_for_enabled
    security_captcha_enabled sessions_single_per_user mailer_secure_email_change_enabled
    refresh_token_rotation_enabled password_hibp_enabled security_manual_linking_enabled
    security_update_password_require_reauthentication security_update_password_require_current_password
    sms_autoconfirm external_web3_solana_enabled external_web3_ethereum_enabled mfa_totp_enroll_enabled
    mfa_totp_verify_enabled mfa_web_authn_enroll_enabled mfa_web_authn_verify_enabled mfa_phone_enroll_enabled
    mfa_phone_verify_enabled oauth_server_enabled oauth_server_allow_dynamic_registration`,
    toggle,
  ),
  ...each('passkey_enabled custom_oauth_enabled', z.boolean()),
  ...each(
    `uri_allow_list smtp_host smtp_port smtp_user smtp_pass smtp_sender_name security_captcha_secret
    sms_messagebird_access_key sms_messagebird_originator sms_textlocal_api_key sms_textlocal_sender
    sms_twilio_account_sid sms_twilio_auth_token sms_twilio_content_sid sms_twilio_message_service_sid
    sms_twilio_verify_account_sid sms_twilio_verify_auth_token sms_twilio_verify_message_service_sid
    sms_vonage_api_key sms_vonage_api_secret sms_vonage_from sms_template webauthn_rp_display_name webauthn_rp_id
    webauthn_rp_origins mfa_phone_template nimbus_oauth_client_id nimbus_oauth_client_secret
    oauth_server_authorization_path`,
    text,
  ),
  ...each(
    'rate_limit_anonymous_users rate_limit_email_sent rate_limit_sms_sent rate_limit_verify rate_limit_token_refresh rate_limit_otp rate_limit_web3',
    integer(1),
  ),
  ...each('smtp_max_frequency sms_max_frequency mfa_phone_max_frequency mfa_phone_otp_length', integer(0, 32_767)),
  ...each('mfa_max_enrolled_factors security_refresh_token_reuse_interval sms_otp_exp', integer(0)),
  ...each('sessions_timebox sessions_inactivity_timeout', z.number().min(0).nullable()),
  ...each('db_max_pool_size api_max_request_duration', z.int().nullable()),
  jwt_exp: integer(0, 604_800),
  password_min_length: integer(6, 32_767),
  password_required_characters: z.enum(characterSets).nullable(),
  mailer_otp_exp: z.int().min(0).max(2_147_483_647),
  mailer_otp_length: integer(6, 10),
  sms_otp_length: z.int().min(0).max(32_767),
  smtp_admin_email: z.email().nullable(),
  security_captcha_provider: z.enum(['turnstile', 'hcaptcha']).nullable(),
  sms_provider: z.enum(['messagebird', 'textlocal', 'twilio', 'twilio_verify', 'vonage']).nullable(),
  sms_test_otp: z
    .string()
    .regex(/^([0-9]{1,15}=[0-9]+,?)*$/)
    .nullable(),
  sms_test_otp_valid_until: z.iso.datetime().nullable(),
  sessions_tags: z
    .string()
    .regex(/^\s*([a-zA-Z0-9_-]+(\s*,+\s*)?)*\s*$/)
    .nullable(),
  db_max_pool_size_unit: z.enum(['connections', 'percent']).nullable(),
};

/** What a new project starts with; whatever is not named is false when it is a switch, else null. */
const defaults: Readonly<Record<string, AuthValue>> = {
  site_url: 'http://localhost:3000',
  uri_allow_list: '',
  jwt_exp: 3_600,
  external_email_enabled: true,
  mailer_secure_email_change_enabled: true,
  refresh_token_rotation_enabled: true,
  security_refresh_token_reuse_interval: 10,
  password_min_length: 6,
  password_required_characters: '',
  mailer_otp_exp: 3_600,
  mailer_otp_length: 8,
  sms_otp_exp: 60,
  sms_otp_length: 6,
  sms_max_frequency: 60,
  sms_provider: 'twilio',
  smtp_max_frequency: 60,
  rate_limit_anonymous_users: 30,
  rate_limit_email_sent: 2,
  rate_limit_sms_sent: 30,
  rate_limit_verify: 30,
  rate_limit_token_refresh: 150,
  rate_limit_otp: 30,
  rate_limit_web3: 30,
  mfa_max_enrolled_factors: 10,
  mfa_totp_enroll_enabled: true,
  mfa_totp_verify_enabled: true,
  mfa_phone_otp_length: 6,
  mfa_phone_max_frequency: 5,
  sessions_timebox: 0,
  sessions_inactivity_timeout: 0,
  db_max_pool_size_unit: 'connections',
  custom_oauth_max_providers: 3,
};

/** The vendor lists these, too, but takes no change of them. */
const readOnly = ['custom_oauth_max_providers', 'nimbus_oauth_email_optional', 'saml_allow_encrypted_assertions'];

/** What a project answers as long as nobody has changed anything. */
export const freshAuthConfig: Readonly<Record<string, AuthValue>> = allDefaults();

function allDefaults(): Record<string, AuthValue> {
  const names = [...Object.keys(authFields), ...readOnly].sort();
  return Object.fromEntries(names.map((name) => [name, defaults[name] ?? (isSwitch(name) ? false : null)]));
}

function isSwitch(name: string): boolean {
  return readOnly.includes(name) || (authFields[name]?.safeParse(true).success ?? false);
}
