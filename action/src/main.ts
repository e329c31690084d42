import * as core from '@actions/core';
import { perform } from './edge/perform.ts';
import { classify } from './engine/errors.ts';
import type { Variables } from './environment.ts';
import { onMask } from './lib/redact.ts';
import type { Job } from './report/actions.ts';

/** A job is ended by GitHub after six hours, and what it did by then would go unrecorded. */
const LONGEST_MS = 330 * 60_000;

/** The GitHub edge: inputs in; annotations, summary, outputs and exit code out. Never rejects. */
export async function main(): Promise<void> {
  const variables: Variables = process.env;
  // Before the first secret is read: the runner masks only what it was told of.
  onMask(core.setSecret);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  setTimeout(() => stopping.abort(), LONGEST_MS).unref();
  process.exitCode = (await perform(variables, runnerJob, stopping.signal)) ? 0 : 1;
  if (variables.GITHUB_STEP_SUMMARY) await writeSummary();
}

/** A summary that is too long or has nowhere to go must not turn a finished run red. */
async function writeSummary(): Promise<void> {
  try {
    await core.summary.write();
  } catch (thrown) {
    core.warning(`the summary was not written: ${classify(thrown).message}`);
  }
}

const runnerJob: Job = {
  log: (text) => process.stdout.write(text),
  annotate: (message, place) => core.error(message, place),
  setOutput: (name, value) => core.setOutput(name, value),
  summarize: (markdown) => core.summary.addRaw(markdown),
};
