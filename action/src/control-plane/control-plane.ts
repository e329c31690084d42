/** `agency_onboarding_requests.status` */
export type RequestState = 'pending' | 'approved' | 'provisioning' | 'deployed' | 'failed';

/** What somebody who wants an agency wrote into the company's form. Every text is foreign. */
export interface OnboardingRequest {
  readonly id: string;
  readonly agencyName: string;
  readonly ownerEmail: string;
  readonly ownerName: string;
  readonly region?: string;
  readonly state: RequestState;
  /** The pull request that it became. */
  readonly pullRequestUrl?: string;
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

/** The company's own database, where requests come from and where its pages look. The axis: whose database. */
export interface ControlPlane {
  /** Requests in these states, oldest first, read to the end. */
  requests(states: readonly RequestState[]): Promise<readonly OnboardingRequest[]>;
  request(id: string): Promise<OnboardingRequest | undefined>;
  /** Sets what is given and leaves the rest; a request that is not there is none of ours, and no error. */
  tell(id: string, progress: RequestProgress): Promise<void>;
  /** Writes the job's row, anew or over the one of that id. */
  tellJob(job: JobProgress): Promise<void>;
}
