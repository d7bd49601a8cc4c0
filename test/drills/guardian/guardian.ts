import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { endAll, type Identity, signal } from '../../../packages/cli/src/processes/processes.ts'
import type { Told } from './guard.ts'

// The guardian of the drills: reads from its standard input which processes and which folder the runner has. If the input ends before the
// runner has said that it is done, the runner was killed: then it ends these processes, also suspended ones, and removes the folder. All
// faults are in these processes and this folder, so nothing of a fault is left behind.

/** How long a process may take to end after SIGTERM (ms). */
const END_LIMIT = 5_000

const processes: Identity[] = []
let folder: string | undefined
let isDone = false
// The runner's terminal may be gone.
process.stderr.on('error', () => undefined)

for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line) as Told
  if ('process' in told) processes.push(told.process)
  else if ('folder' in told) folder = told.folder
  else isDone = true
}

if (!isDone) {
  for (const identity of processes) signal(identity, 'SIGCONT')
  await endAll(processes, END_LIMIT)
  if (folder) rmSync(folder, { recursive: true, force: true })
  console.error('drills: the runner was killed. Its processes are ended and its data is removed.')
}
