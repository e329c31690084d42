/** An action of somebody else, at the one commit that we reviewed. */
export interface ThirdParty {
  /** The tag that stands at the commit. */
  readonly version: string;
  /** Every input of its `action.yml` there. */
  readonly inputs: readonly string[];
}

/**
 * By `owner/name@commit`. Written down from the tags and files of the actions' repositories on 2026-11-25; a new version
 * is read before its line is changed here and in the workflows.
 */
export const THIRD_PARTY: Readonly<Record<string, ThirdParty>> = {
  'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1': {
    version: 'v7.0.1',
    inputs: [
      'repository',
      'ref',
      'token',
      'ssh-key',
      'ssh-known-hosts',
      'ssh-strict',
      'ssh-user',
      'persist-credentials',
      'path',
      'clean',
      'filter',
      'sparse-checkout',
      'sparse-checkout-cone-mode',
      'fetch-depth',
      'fetch-tags',
      'show-progress',
      'lfs',
      'submodules',
      'set-safe-directory',
      'github-server-url',
      'allow-unsafe-pr-checkout',
    ],
  },
  'actions/setup-node@820762786026740c76f36085b0efc47a31fe5020': {
    version: 'v7.0.0',
    inputs: [
      'node-version',
      'node-version-file',
      'architecture',
      'check-latest',
      'registry-url',
      'scope',
      'token',
      'cache',
      'package-manager-cache',
      'cache-dependency-path',
      'mirror',
      'mirror-token',
    ],
  },
};
