/** Tests beside their files that start processes, build databases or drive a browser: slow, and seldom red. */
export const PROCESSES = [
  'local-cloud/cloud.test.ts',
  'local-cloud/instance/template.test.ts',
  'local-cloud/site/browser.test.ts',
  'scripts/cli.test.ts',
  'scripts/commands/cloud.test.ts',
  'tests/workflows/action.test.ts',
];
