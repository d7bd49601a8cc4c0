import { execFile } from 'node:child_process'
import { existsSync, globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { generate } from '../bundling/generate.ts'
import { readReleases } from '../bundling/releases.ts'
import { Failure } from '../failure.ts'
import { contractOf } from '../services/needs.ts'
import { keptStacks, type Stack } from '../services/stack.ts'
import { forgetMade, isAsMade } from './made-services.ts'
import { uninstallWorkspace } from './workspace-install.ts'

/** The traces of a removed service that still exist. Paths are relative to the repository. */
export type Removed = {
  /** The services whose events it handled. The event log still keeps their events for it. */
  publishers: string[]
  /** Data and logs that it left on this machine, in any stack of the repository. */
  data: string[]
  /** The files that contain the names of its folders. */
  mentions: string[]
}

/**
 * Removes services/<name>, charts/<name> and the entry in package-lock.json, and updates generated files. Fails and changes nothing if
 * another service calls this one or handles its events. Without `force`, also fails if it was released or has uncommitted changes.
 */
export async function removeService(stack: Stack, name: string, force: boolean): Promise<Removed> {
  const { root } = stack
  const names = stack.services.map(service => service.name)
  if (!names.includes(name)) throw new Failure(`there is no service "${name}"`, `Name one of ${names.join(', ')}`)
  requireUnneeded(stack, name)
  if (!force) await requireRemovable(root, name)
  const publishers = publishersFor(stack, name)
  for (const folder of ['services', 'charts']) rmSync(join(root, folder, name), { recursive: true, force: true })
  uninstallWorkspace(root, name)
  forgetMade(root, name)
  await generate(root, ['platform'])
  return {
    publishers,
    data: keptStacks(root).flatMap(kept => dataOf(kept, name)),
    mentions: await mentionsOf(root, name)
  }
}

function requireUnneeded(stack: Stack, name: string) {
  const users = stack.services.flatMap(({ name: user }) => {
    const { needs = {}, handles = [] } = contractOf(stack, user) ?? {}
    if (user === name) return []
    const events = handles.filter(type => type.startsWith(`${name}.`)).map(type => `${user} handles ${type}`)
    return name in needs ? [`${user} calls it`, ...events] : events
  })
  if (users.length === 0) return
  throw new Failure(`other services use ${name}: ${users.join('; ')}`, 'Change or remove them first')
}

async function requireRemovable(root: string, name: string) {
  if (readReleases(root).services[name])
    throw new Failure(`${name} was released, so clusters may run it`, 'To remove it anyway, add --force')
  if (isAsMade(root, name)) return
  const status = await git(root, 'status', '--porcelain', '--ignored', '--', `services/${name}`, `charts/${name}`)
  const changes = status?.split('\n').filter(line => line !== '' && !/\bnode_modules\/?$/.test(line))
  if (changes?.length === 0) return
  const problem = changes
    ? `these are not committed: ${changes.map(line => line.slice(2).trim()).join(', ')}`
    : 'Git cannot check if it is committed'
  throw new Failure(
    `${name} may hold work that would be lost: ${problem}`,
    'Commit it or move it away first, or discard it with --force'
  )
}

/** Returns the output of a Git command; undefined if the command fails, for example outside of a repository. */
const git = (root: string, ...args: string[]) =>
  promisify(execFile)('git', args, { cwd: root }).then(
    ({ stdout }) => stdout,
    () => undefined
  )

function publishersFor(stack: Stack, name: string): string[] {
  const { handles = [] } = contractOf(stack, name) ?? {}
  return [...new Set(handles.map(type => type.split('.')[0]!))]
}

function dataOf({ root, folder }: Stack, name: string): string[] {
  const below = folder.slice(root.length + 1)
  const places = [`stores/${name}{,-redis,-mongod,.*}`, `logs/${name}{,-*}.log`].map(place => join(below, place))
  return globSync(places, { cwd: root }).filter(place => existsSync(join(root, place)))
}

async function mentionsOf(root: string, name: string): Promise<string[]> {
  const found = await git(
    root,
    'grep',
    '-lE',
    `(services|charts)/${name}\\b`,
    '--',
    '.',
    ':!releases.json',
    ':!packages/cli'
  )
  return (found ?? '').split('\n').filter(file => existsSync(join(root, file)) && file !== '')
}
