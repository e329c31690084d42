/** One run at a time. The axis is where runs meet: one folder, or one repository. */
export interface Lease {
  /** Rejects with Waiting when another run took it over; call it before every act that must not happen twice. */
  assertHeld(): Promise<void>;
  /** Gives it back. */
  release(): Promise<void>;
}
