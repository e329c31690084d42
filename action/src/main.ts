import { resolve } from 'node:path';
import * as core from '@actions/core';
import { composeRun, composeValidation } from './compose.ts';
import { BlockedError, classify, ManifestError } from './engine/errors.ts';
import type { Emit } from './engine/events.ts';
import { readEnvironment, readSurroundings, type Variables } from './environment.ts';
import { onMask } from './lib/redact.ts';
import type { RunPorts, RunRequest } from './ports.ts';
import { actions, type Job, reportError } from './report/actions.ts';
import { emitTo } from './report/reporter.ts';
import { run } from './run.ts';

const MODES = ['validate', 'plan', 'apply'] as const;

/** The GitHub edge: inputs in; annotations, summary, outputs and exit code out. Never rejects. */
export async function main(): Promise<void> {
  const variables: Variables = process.env;
  // Before the first secret is read: the runner masks only what it was told of.
  onMask(core.setSecret);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
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

/** Whether the job may be green. A plan with changes is: the summary says what would change. */
export async function perform(variables: Variables, job: Job, signal: AbortSignal): Promise<boolean> {
  const reporter = actions(job);
  try {
    const request = requestFrom(variables);
    const ports = await portsFor(request, variables, signal, emitTo([reporter], { now: () => Date.now() }));
    const { result } = await run(request, ports);
    return result === 'done' || result === 'changes';
  } catch (thrown) {
    reportError(classify(thrown), job);
    return false;
  } finally {
    reporter.end();
  }
}

const runnerJob: Job = {
  log: (text) => process.stdout.write(text),
  annotate: (message, place) => core.error(message, place),
  setOutput: (name, value) => core.setOutput(name, value),
  summarize: (markdown) => core.summary.addRaw(markdown),
};

function requestFrom(variables: Variables): RunRequest {
  const command = input(variables, 'command') || 'plan';
  const mode = MODES.find((one) => one === command);
  if (!mode) throw new ManifestError(`the input command is "${command}"`, `Give it one of: ${MODES.join(', ')}.`);
  if (mode === 'apply') {
    throw new BlockedError(
      'this version of the action does not apply: what it creates would be recorded on the runner only, and lost',
      'Apply with the command line, and commit the manifests: npm run provision -- apply.',
    );
  }
  const agencies = input(variables, 'agencies')
    .split(/[\s,]+/)
    .filter((slug) => slug !== '');
  return { mode, agencies };
}

async function portsFor(
  { mode }: RunRequest,
  variables: Variables,
  signal: AbortSignal,
  emit: Emit,
): Promise<RunPorts> {
  const base = input(variables, 'base');
  const here = { dir: resolve(variables.GITHUB_WORKSPACE || '.'), signal, emit, ...(base !== '' && { base }) };
  return mode === 'validate'
    ? composeValidation(here, readSurroundings(variables))
    : composeRun(here, readEnvironment(variables));
}

/** As the runner hands inputs over, https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax */
function input(variables: Variables, name: string): string {
  return variables[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
}
