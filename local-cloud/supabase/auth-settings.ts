import type { AuthSettings } from '../instance/instance.ts';
import type { Project } from './world.ts';

/** The auth configuration as the instance's Auth reads it; what was set to null counts as the vendor's default. */
export function authSettingsOf(project: Project): AuthSettings {
  const text = (name: string, fallback: string): string => pick(project, name, isText) ?? fallback;
  const number = (name: string, fallback: number): number => pick(project, name, isNumber) ?? fallback;
  const toggle = (name: string, fallback: boolean): boolean => pick(project, name, isBoolean) ?? fallback;
  return {
    site_url: text('site_url', 'http://localhost:3000'),
    uri_allow_list: text('uri_allow_list', ''),
    external_email_enabled: toggle('external_email_enabled', true),
    disable_signup: toggle('disable_signup', false),
    password_min_length: number('password_min_length', 6),
    jwt_exp: number('jwt_exp', 3_600),
    mailer_autoconfirm: toggle('mailer_autoconfirm', false),
    mailer_secure_email_change_enabled: toggle('mailer_secure_email_change_enabled', true),
    mailer_otp_exp: number('mailer_otp_exp', 3_600),
  };
}

function pick<T>(project: Project, name: string, is: (value: unknown) => value is T): T | undefined {
  const value = project.auth[name];
  return is(value) ? value : undefined;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
