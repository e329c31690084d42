/** `agency_onboarding_requests.status` */
export type RequestState = 'pending' | 'approved' | 'provisioning' | 'deployed' | 'failed';

/** What somebody who wants an agency wrote into the company's form. Every text is foreign. */
export interface OnboardingRequest {
  readonly id: string;
  readonly agencyName: string;
  readonly ownerEmail: string;
  readonly ownerName: string;
  readonly region?: string;
  /** The agency that it became. */
  readonly slug?: string;
  readonly state: RequestState;
  /** The pull request that it became. */
  readonly pullRequestUrl?: string;
}

/** A row that cannot become an agency as it is: the company mends it. */
export interface UnusableRequest {
  readonly id: string;
  readonly message: string;
  readonly remedy: string;
}

/** What the company's own pages show of a request; a field that is absent stays as it is, `null` empties it. */
export interface RequestProgress {
  readonly state?: RequestState;
  readonly slug?: string;
  readonly pullRequestUrl?: string;
  readonly instanceUrl?: string | null;
  readonly supabaseProjectId?: string | null;
  readonly vercelProjectId?: string | null;
  /** For people; already redacted. */
  readonly errorMessage?: string | null;
  /** ISO 8601. */
  readonly startedAt?: string | null;
  readonly completedAt?: string | null;
}

export type JobState = 'pending' | 'in_progress' | 'completed' | 'failed';

/** One run's work on one request: `provisioning_jobs`. */
export interface JobProgress {
  /** The same for the same request and run, so that telling twice is telling once. */
  readonly id: string;
  readonly requestId: string;
  readonly state: JobState;
  /** The address that moves, or what is waited for; at most 200 characters. */
  readonly currentStep?: string | null;
  readonly errorMessage?: string | null;
  readonly startedAt?: string;
  readonly completedAt?: string | null;
}

/** A job that nothing says the end of. */
export interface OpenJob extends Pick<JobProgress, 'id' | 'requestId'> {
  readonly state: 'pending' | 'in_progress';
}

/** How a job ends that its own run does not end. */
export type JobEnd =
  | { readonly state: 'completed' }
  | { readonly state: 'failed' /** For people. */; readonly errorMessage: string };

/** The company's own database, where requests come from and where its pages look. The axis: whose database. */
export interface ControlPlane {
  /**
   * Requests in these states, oldest first, read to the end. A row that is of no use stops nobody else's: it is left out
   * and told to `unusable`.
   */
  requests(
    states: readonly RequestState[],
    unusable?: (row: UnusableRequest) => void,
  ): Promise<readonly OnboardingRequest[]>;
  /** `undefined` when there is none of that id; throws BlockedError for a row that is of no use. */
  request(id: string): Promise<OnboardingRequest | undefined>;
  /** Sets what is given and leaves the rest; a request that is not there is none of ours, and no error. */
  tell(id: string, progress: RequestProgress): Promise<void>;
  /** Writes the job's row, anew or over the one of that id. That of a request that is not there is none of ours. */
  tellJob(job: JobProgress): Promise<void>;
  /** All that are open, read to the end. Rows without a request are the company's own and none of ours. */
  openJobs(): Promise<readonly OpenJob[]>;
  /** Ends those of these that are open still. */
  endJobs(ids: readonly string[], end: JobEnd): Promise<void>;
}
