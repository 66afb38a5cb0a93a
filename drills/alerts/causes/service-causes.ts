import { lasting, repeated, type StackCause } from './cause-helpers.ts'

/** Causes that any platform can inflict, through the faults of the service. Two replicas run. */
export const SERVICE_CAUSES: readonly StackCause[] = [
  {
    alert: 'HighLatency',
    how: 'a third of the requests take 400 ms longer (/faults/delay/400)',
    inflict: repeated(3, 2, ({ fault }) => fault('delay/400')),
  },
  {
    alert: 'HighErrorRatio',
    how: 'a fifth of the requests fail (/faults/status/503)',
    inflict: repeated(1, 3, ({ fault }) => fault('status/503')),
  },
  {
    alert: 'Exceptions',
    how: 'one unexpected exception (/faults/exception)',
    inflict: lasting(({ fault }) => fault('exception')),
  },
  {
    alert: 'EventLoopSaturated',
    how: 'an event loop is blocked for 150 ms, three times a second (/faults/block/150)',
    inflict: repeated(1, 3, ({ fault }) => fault('block/150')),
    also: ['HighLatency', 'CPUThrottled'], // a CPU limit extends 150 ms to 500 ms
  },
  {
    alert: 'NoTraffic',
    how: 'the users stop sending requests; the probe continues',
    inflict: lasting(
      ({ users }) => users.stop(),
      async ({ users }) => users.start(),
    ),
    delivered: 60, // the whole window of the rule must be without requests
  },
]
