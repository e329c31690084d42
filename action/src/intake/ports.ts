import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { ListedPull } from '../forge/branch-pulls.ts';
import type { Comments, GitData, Pulls } from '../forge/forge.ts';
import type { SourceFile } from '../manifest/problem.ts';

/** The control room as the branch that is applied has it. */
export interface Room {
  readonly commit: string;
  /** Every file of agencies/. */
  readonly agencies: readonly SourceFile[];
}

/** The outside, handed in. */
export interface IntakePorts {
  readonly git: Pick<GitData, 'head' | 'commit' | 'files' | 'text' | 'write' | 'createRef' | 'moveRef'>;
  readonly pulls: Pick<Pulls, 'ensure'>;
  /** The pull requests that were ever made of a branch of this repository, open or not, the newest first. */
  pullsOf(branch: string): Promise<readonly ListedPull[]>;
  readonly comments: Comments;
  /** The company's database, where it has one. */
  readonly controlPlane?: Pick<ControlPlane, 'tell'> | undefined;
  /** The branch that is applied, without `heads/`. */
  readonly base: string;
  /** A new `metadata.uid`. */
  uid(): string;
}
