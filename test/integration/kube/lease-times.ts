/** Times of elections in tests: short, but not so short that a pause of a busy machine costs a leader its lease. */
export const TIMES = { leaseDurationMs: 5000, renewDeadlineMs: 4000, retryPeriodMs: 500 } as const;
