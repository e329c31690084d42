import { gitData } from '../../action/src/forge/git-data.ts';
import { createGitHub, repositoryOf } from '../../action/src/forge/github.ts';
import { Secret } from '../../action/src/lib/secret.ts';
import type { Status } from '../../action/src/manifest/schema.ts';
import { readStatus } from '../../action/src/manifest/status.ts';
import type { RunPorts } from '../../action/src/ports.ts';
import type { Claimant } from '../../action/src/record/claim.ts';
import { hostedRoom } from '../../action/src/record/hosted.ts';
import type { Recorder } from '../../action/src/record/recorder.ts';
import type { ForgeRepository } from '../../local-cloud/github/forge-repository.ts';
import type { ControlRoom } from './control-room.ts';

/** What a run over a repository of the room's own forge has in the place of a folder. */
export function hostedIn(
  { cloud, clock }: ControlRoom,
  name: string,
  claimant: Partial<Claimant> = {},
  signal = new AbortController().signal,
) {
  const { forge } = cloud;
  const access = { token: new Secret(forge.workflowToken), apiUrl: forge.apiUrl };
  const hosting = hostedRoom({
    git: gitData(repositoryOf(createGitHub(access, { clock, fetch: forge.fetch }), name)),
    pulls: { ensure: () => Promise.reject(new Error('no pull request is needed here')) },
    branch: 'main',
    repository: name,
    claimant: { owner: 'apply', ...claimant },
    signal,
    clock,
    emit: () => undefined,
    beats: false,
  });
  return {
    recorder: hosting.recorder,
    ports: (recorder: Recorder = hosting.recorder): Partial<RunPorts> => ({
      load: hosting.load,
      lease: hosting.lease,
      recorder,
      revision: hosting.revision,
    }),
  };
}

/** What stands in a manifest of a branch. */
export async function statusIn(repository: ForgeRepository, slug: string, ref = 'main'): Promise<Status | undefined> {
  const file = `agencies/${slug}.yaml`;
  const reading = readStatus({ file, text: (await repository.read(file, ref)) ?? '' });
  return reading.ok ? reading.status : undefined;
}
