import { Failure } from '../../failure.ts'
import { decodeFrames, encodeFrames, FRAME, type Frame, jsonFrame, jsonOf } from '../dump/frames.ts'
import { bytesIn, type Content, type Header, type Manifest, recordsIn } from '../dump/manifest.ts'
import { type Access, type Restic, restic } from './restic.ts'

/** A complete backup of one service. */
export type Snapshot = {
  /** The ID of restic's snapshot. */
  id: string
  service: string
  /** The time when the dump began. */
  at: Date
  records: number
  bytes: number
}

/** How many snapshots are kept: the last ones, and the last one of each of so many days and weeks. */
export type Retention = { last: number; daily: number; weekly: number }

export const RETENTION: Retention = { last: 7, daily: 14, weekly: 8 }

/** The snapshots of one service. Each service has a repository of its own, because pruning locks a repository. */
export type Repository = {
  /**
   * Stores a dump: the header, these frames, and the manifest. The snapshot counts only when all of it is stored; a killed backup leaves
   * nothing that `list` or `read` finds. Then removes the snapshots that `retention` does not keep.
   */
  write(header: Header, records: AsyncGenerator<Frame, Content[]>, retention: Retention): Promise<Stored>
  /** Returns the complete snapshots, the latest first. Empty if there is no repository yet. */
  list(): Promise<Snapshot[]>
  /** Reads the dump of a snapshot. The last frame is the manifest. Fails if the dump is damaged or not complete. */
  read(snapshot: Snapshot): AsyncGenerator<Frame>
  /** Reads all data of the repository. Fails if it is damaged. */
  check(): Promise<void>
}

/** A dump in the repository. `removed` counts the old snapshots that were removed. */
export type Stored = { snapshot: Snapshot; manifest: Manifest; removed: number }

type ResticSnapshot = { id: string; time: string; tags?: string[] }
/** What `restic forget` did to the snapshots of a group. */
type Forgotten = { keep: ResticSnapshot[] | null; remove: ResticSnapshot[] | null }

const COMPLETE = 'complete'
/** The age (ms) from which an incomplete snapshot was left by a killed backup. A backup marks its snapshot at once. */
const LEFT_AFTER = 600_000

/** Opens the repository of a service below a location. Creates it with the first backup. */
export function openRepository(access: Access, service: string): Repository {
  const location = `${access.location.replace(/\/$/, '')}/${service}`
  const run = restic({ ...access, location })
  const file = `/${service}.dump`

  const all = async () => JSON.parse(await run.run('snapshots', '--json', '--no-lock')) as ResticSnapshot[]

  /** Creates the repository if there is none. Removes snapshots that a killed backup left. */
  async function prepare() {
    const found = await all().catch(async error => {
      if (!isMissing(error)) throw error
      await run.run('init')
      return []
    })
    const isLeft = ({ tags, time }: ResticSnapshot) =>
      !tags?.includes(COMPLETE) && Date.parse(time) < Date.now() - LEFT_AFTER
    const left = found.filter(isLeft).map(({ id }) => id)
    if (left.length > 0) await unlocked('forget', ...left)
  }

  /** Runs a command that needs the repository alone. A killed process may have left a lock. */
  async function unlocked(...args: string[]) {
    return run.run(...args).catch(async error => {
      if (!isLocked(error)) throw error
      await run.run('unlock') // removes only the locks of processes that no longer run
      return run.run(...args)
    })
  }

  /** Removes old snapshots. Resolves with those that are kept, and the number of the others. */
  async function forget({ last, daily, weekly }: Retention) {
    const keep = ['--keep-last', String(last), '--keep-daily', String(daily), '--keep-weekly', String(weekly)]
    const output = await unlocked('forget', '--json', '--tag', COMPLETE, '--group-by', 'host', '--prune', ...keep)
    const groups = JSON.parse(output.split('\n').find(line => line.startsWith('[')) ?? '[]') as Forgotten[]
    const kept = groups.flatMap(group => group.keep ?? []).map(each => snapshotOf(service, each))
    return { kept, removed: groups.flatMap(group => group.remove ?? []).length }
  }

  return {
    async write(header, records, retention) {
      await prepare()
      let manifest: Manifest | undefined
      async function* frames() {
        yield jsonFrame(FRAME.header, header)
        const contents = yield* records
        manifest = { ...header, endedAt: new Date().toISOString(), contents }
        yield jsonFrame(FRAME.manifest, manifest)
      }
      const { startedAt } = header
      const name = ['--stdin', '--stdin-filename', file.slice(1), '--host', 'bulkhead', '--time', localTime(startedAt)]
      const output = await run.feed(encodeFrames(frames()), 'backup', '--json', ...name)
      const facts = [`at=${startedAt}`, `records=${recordsIn(manifest!)}`, `bytes=${bytesIn(manifest!)}`]
      await unlocked('tag', '--set', [COMPLETE, ...facts].join(','), summaryOf(output).snapshot_id)
      const { kept, removed } = await forget(retention)
      const snapshot = kept.find(({ at }) => at.toISOString() === startedAt)
      if (!snapshot) throw new Failure(`the backup of ${service} is not in the repository`, 'Is the clock right?')
      return { snapshot, manifest: manifest!, removed }
    },

    async list() {
      const found = await all().catch(error => {
        if (isMissing(error)) return []
        throw error
      })
      return found
        .filter(({ tags }) => tags?.includes(COMPLETE))
        .map(snapshot => snapshotOf(service, snapshot))
        .sort((one, other) => other.at.getTime() - one.at.getTime())
    },

    read: snapshot => readDump(run, snapshot, file),

    async check() {
      await unlocked('check', '--read-data')
    }
  }
}

async function* readDump(run: Restic, { id, service }: Snapshot, file: string): AsyncGenerator<Frame> {
  let last = 0
  for await (const frame of decodeFrames(run.stream('dump', id, file))) {
    if (last === 0 && frame.kind !== FRAME.header) throw new Failure(`the snapshot ${id} has no dump of ${service}`)
    if (last === FRAME.manifest) throw new Failure(`the dump of ${service} is damaged: it has records after its end`)
    last = frame.kind
    yield frame
  }
  if (last !== FRAME.manifest) throw new Failure(`the dump of ${service} is not complete`, 'Restore another snapshot')
}

/** Splits a dump: the header, the frames of records, and the manifest, which is known when all records were read. */
export async function readParts(dump: AsyncGenerator<Frame>) {
  const first = await dump.next()
  if (first.done) throw new Failure('the dump is empty')
  const header = jsonOf<Header>(first.value)
  if (header.format !== 1) throw new Failure('the dump has a newer format', 'Restore it with the release that made it')
  let manifest: Manifest | undefined
  async function* records() {
    for await (const frame of dump) {
      if (frame.kind === FRAME.manifest) manifest = jsonOf<Manifest>(frame)
      else yield frame
    }
  }
  return { header, records: records(), manifest: () => manifest }
}

const isMissing = (error: unknown) => error instanceof Failure && error.message.startsWith('there is no repository')

const isLocked = (error: unknown) => error instanceof Failure && error.message.startsWith('another process uses')

function summaryOf(output: string): { snapshot_id: string } {
  const line = output.split('\n').find(text => text.includes('"message_type":"summary"'))
  if (!line) throw new Failure('restic did not say which snapshot it made')
  return JSON.parse(line)
}

/** Parses the facts that the backup wrote into the snapshot's tags. */
function snapshotOf(service: string, { id, time, tags = [] }: ResticSnapshot): Snapshot {
  const fact = (name: string) => tags.find(tag => tag.startsWith(`${name}=`))?.slice(name.length + 1)
  return {
    id: id.slice(0, 8),
    service,
    at: new Date(fact('at') ?? time),
    records: Number(fact('records') ?? 0),
    bytes: Number(fact('bytes') ?? 0)
  }
}

/** The form of `--time`, in the time zone of restic's process. */
function localTime(iso: string): string {
  const time = new Date(iso)
  const two = (number: number) => String(number).padStart(2, '0')
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-')
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`
}
