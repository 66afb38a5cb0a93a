import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { EXPECTED_JOBS, JOBS } from '../targets.ts'

const { ports, probe } = SERVICE_CONFIG

/** Labels of the targets. */
export const SERVICE_LABELS = { job: JOBS.service, instance: `replica-1:${ports.metrics}` }
export const PROBE_LABELS = { job: JOBS.probe, instance: `http://service${probe.path}` }
export const NODE_LABELS = { job: JOBS.node, instance: 'node-1:9100' }
export const DISK_LABELS = { ...NODE_LABELS, device: '/dev/sda1', fstype: 'ext4', mountpoint: '/data' }

/** Labels of one target of each expected job. */
export const EXPECTED_TARGETS = EXPECTED_JOBS.map(
  ({ job }) => [PROBE_LABELS, NODE_LABELS].find(labels => labels.job === job) ?? { job, instance: `${job}:80` },
)
