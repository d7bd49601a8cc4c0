import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { type Identity, identityOf } from '../packages/cli/src/processes/processes.ts'

/** Every process that a test run starts inherits this variable. Its value identifies the run. */
export const RUN_VARIABLE = 'BULKHEAD_TEST_RUN'

type Found = { pid: number; parent: number; isMarked: boolean }

/**
 * Finds the processes that a run started: all descendants of `pid` and, on Linux, all processes that have the run's variable, because their
 * parents may have ended. Leaves out `pid` and its ancestors.
 */
export function processesOfRun(run: string, pid = process.pid): Identity[] {
  const all = process.platform === 'linux' ? fromProc(`${RUN_VARIABLE}=${run}`) : fromPs()
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]))
  const above = new Set(chainOf(pid, parents))
  const roots = new Set([pid, ...all.filter(({ isMarked }) => isMarked).map(({ pid }) => pid)])
  const isOfRun = (found: Found) => !above.has(found.pid) && chainOf(found.pid, parents).some(each => roots.has(each))
  return all.filter(isOfRun).map(({ pid }) => identityOf(`process ${pid}`, pid))
}

/** Returns the IDs of a process and of all its ancestors. */
function chainOf(pid: number, parents: Map<number, number>): number[] {
  const chain: number[] = []
  for (let each: number | undefined = pid; each && !chain.includes(each); each = parents.get(each)) chain.push(each)
  return chain
}

/** Reads processes from /proc (proc(5)). A process may end while it is read. */
function fromProc(mark: string): Found[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (state === 'Z') return []
        const isMarked = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(mark)
        return [{ pid: Number(name), parent: Number(parent), isMarked }]
      } catch (error) {
        // The process has ended, or belongs to another user.
        if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
        throw error
      }
    })
}

function fromPs(): Found[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map(line => {
    const [pid, parent] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), isMarked: false }
  })
}
