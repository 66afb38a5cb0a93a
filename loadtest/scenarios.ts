/** Names of the scenarios of load; each is a file of this folder. */
export const SCENARIOS = ['smoke', 'load', 'stress', 'spike', 'soak', 'breakpoint', 'capacity'] as const

/** Variables that the scenarios read, beside the target and the file of the summary. */
export const SCENARIO_VARIABLES = ['RATE', 'DURATION', 'SEED', 'TIMEOUT', 'COST', 'KEEP_ALIVE', 'CLIENTS'] as const
