import { Failure } from '../../failure.ts'
import { type Frame, decodeFrames, encodeFrames, FRAME, jsonFrame, jsonOf } from '../dump/frames.ts'
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
   * nothing that `list` or `read` finds.
   */
  write(header: Header, records: AsyncGenerator<Frame, Content[]>): Promise<{ snapshot: Snapshot; manifest: Manifest }>
  /** Returns the complete snapshots, the latest first. Empty if there is no repository yet. */
  list(): Promise<Snapshot[]>
  /** Reads the dump of a snapshot. The last frame is the manifest. Fails if the dump is damaged or not complete. */
  read(snapshot: Snapshot): AsyncGenerator<Frame>
  /** Removes the snapshots that `retention` does not keep, and their data. Resolves with their number. */
  forget(retention: Retention): Promise<number>
  /** Reads all data of the repository. Fails if it is damaged. */
  check(): Promise<void>
}

type ResticSnapshot = { id: string; time: string; tags?: string[] }

const COMPLETE = 'complete'
/** The age (ms) from which an incomplete snapshot was left by a killed backup. A backup marks its snapshot at once. */
const LEFT_AFTER = 600_000

/** Opens the repository of a service below a location. Creates it with the first backup. */
export function openRepository(access: Access, service: string): Repository {
  const location = `${access.location.replace(/\/$/, '')}/${service}`
  const run = restic({ ...access, location })
  const file = `/${service}.dump`

  const all = async () => JSON.parse(await run.run('snapshots', '--json', '--no-lock')) as ResticSnapshot[]

  /** Removes locks of killed processes, and snapshots that a killed backup left. Creates the repository if there is none. */
  async function prepare() {
    await run.run('unlock').catch(async error => {
      if (!isMissing(error)) throw error
      await run.run('init')
    })
    const old = (await all()).filter(({ tags, time }) => !tags?.includes(COMPLETE) && Date.parse(time) < Date.now() - LEFT_AFTER)
    if (old.length > 0) await run.run('forget', ...old.map(({ id }) => id))
  }

  return {
    async write(header, records) {
      await prepare()
      let manifest: Manifest | undefined
      async function* frames() {
        yield jsonFrame(FRAME.header, header)
        const contents = yield* records
        manifest = { ...header, endedAt: new Date().toISOString(), contents }
        yield jsonFrame(FRAME.manifest, manifest)
      }
      const args = ['--json', '--stdin', '--stdin-filename', file.slice(1), '--host', 'bulkhead', '--time', localTime(header.startedAt)]
      const output = await run.feed(encodeFrames(frames()), 'backup', ...args)
      const { snapshot_id: id } = summaryOf(output)
      const facts = { records: recordsIn(manifest!), bytes: bytesIn(manifest!) }
      const tags = [COMPLETE, `at=${header.startedAt}`, `records=${facts.records}`, `bytes=${facts.bytes}`]
      await run.run('tag', '--set', tags.join(','), id)
      const [snapshot] = (await this.list()).filter(({ at }) => at.toISOString() === header.startedAt)
      if (!snapshot) throw new Failure(`the backup of ${service} is not in the repository`, 'Run it again')
      return { snapshot, manifest: manifest! }
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

    async forget({ last, daily, weekly }) {
      const keep = ['--keep-last', String(last), '--keep-daily', String(daily), '--keep-weekly', String(weekly)]
      const output = await run.run('forget', '--json', '--tag', COMPLETE, '--group-by', 'host', '--prune', ...keep)
      const groups = JSON.parse(output.split('\n').find(line => line.startsWith('[')) ?? '[]') as { remove: unknown[] | null }[]
      return groups.reduce((sum, { remove }) => sum + (remove?.length ?? 0), 0)
    },

    async check() {
      await run.run('check', '--read-data')
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
