import { expect, test } from 'bun:test'
import { ListenError, listen } from './server.ts'

const answer = async () => new Response()

test('an address that is in use or foreign is one line of error, with the variables to change', () => {
  const server = listen('127.0.0.1', 0, 'PORT', answer)
  const { port } = server
  try {
    expect(() => listen('127.0.0.1', Number(port), 'PORT', answer)).toThrow(
      new ListenError(`PORT: port ${port} of 127.0.0.1 is in use; set HOST or PORT to another`),
    )
  } finally {
    server.stop(true)
  }
  // an address of documentation (RFC 5737): no machine has it
  expect(() => listen('203.0.113.1', 0, 'METRICS_PORT', answer)).toThrow(
    /^METRICS_PORT: port 0 of 203\.0\.113\.1 cannot be listened on \(E\w+\); set HOST or METRICS_PORT to another$/,
  )
})
