import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatorRepository } from './generator-repository.ts'

describe('bulkhead remove service', () => {
  let repository: ReturnType<typeof generatorRepository>
  let root: string
  let first: string

  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  const commit = () => {
    git('add', '--all')
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', 'commit', '--quiet', '--message', 'All')
  }
  const create = async (name: string, ...words: string[]) => {
    const { code, output } = await repository.run('new', 'service', name, '--store', 'none', ...words)
    assert.equal(code, 0, output)
  }
  const remove = (...words: string[]) => repository.run('remove', 'service', ...words)

  before(async () => {
    repository = generatorRepository()
    root = repository.root
    git('init', '--quiet')
    writeFileSync(join(root, '.gitignore'), 'node_modules\npackages\n.data\n.env\n')
    await create('kept')
    commit()
    first = git('rev-parse', 'HEAD').trim()
  })
  afterEach(() => {
    git('reset', '--quiet', '--hard', first)
    rmSync(join(root, '.data'), { recursive: true, force: true })
    git('clean', '--quiet', '-d', '--force')
    git('clean', '--quiet', '-d', '-x', '--force', 'services', 'charts')
  })
  after(() => repository.remove())

  it('restores the repository to its state before the service was made', async () => {
    await create('wishlist', '--store', 'redis', '--item', 'wish', '--owner', 'customer')
    assert.match(git('status', '--short'), /package-lock\.json.*skaffold\.yaml.*services\/wishlist/s)
    const { code, output } = await remove('wishlist')
    assert.equal(code, 0, output)
    assert.match(output, /^Removed services\/wishlist, charts\/wishlist and its entry in package-lock\.json$/m)
    assert.equal(git('status', '--short'), '')
  })

  it('prints the paths of the remaining data, and the files that still name the service', async () => {
    await create('wishlist')
    mkdirSync(join(root, '.data/stores/wishlist.redis'), { recursive: true })
    mkdirSync(join(root, '.data/stores/wishlist-of-others.redis'))
    writeFileSync(join(root, 'notes.md'), 'See services/wishlist.\n')
    git('add', 'notes.md')
    const { output } = await remove('wishlist')
    assert.match(output, /These files still name it:\n {2}notes\.md\n/)
    assert.match(output, /rm -r \.data\/stores\/wishlist\.redis/)
    assert.doesNotMatch(output, /wishlist-of-others/)
  })

  it('says so of every stack, and how the event log of one that runs forgets it', async () => {
    await create('wishlist')
    const contract = { handles: ['kept.thing.made', 'kept.thing.removed'] }
    writeFileSync(join(root, 'services/wishlist/contract.json'), JSON.stringify(contract))
    for (const folder of ['.data', '.data/14500']) {
      mkdirSync(join(root, folder, 'stores/wishlist.redis'), { recursive: true })
      writeFileSync(join(root, folder, 'run.json'), '{}')
    }
    const { output } = await remove('wishlist', '--force')
    const steps = output.split('Next:\n')[1]!.split('\n')
    const commands = steps.map(step => step.trim().split(/ {2,}/)[0]).filter(command => command !== '')
    assert.deepEqual(commands, [
      'make status',
      'node packages/cli/bin/bulkhead.js events forget kept wishlist',
      'PORT_BASE=14500 make status',
      'PORT_BASE=14500 node packages/cli/bin/bulkhead.js events forget kept wishlist',
      'rm -r .data/stores/wishlist.redis',
      'rm -r .data/14500/stores/wishlist.redis'
    ])
  })

  it('refuses a service with changes that are not committed, but for --force', async () => {
    await create('wishlist')
    appendFileSync(join(root, 'services/wishlist/README.md'), 'More.\n')
    const { code, output } = await remove('wishlist')
    assert.equal(code, 1)
    assert.match(
      output,
      /wishlist may hold work that would be lost: .*services\/wishlist\/.*Commit it or move it away first/s
    )
    commit()
    assert.equal((await remove('wishlist')).code, 0)
    git('reset', '--quiet', '--hard')
    appendFileSync(join(root, 'services/wishlist/README.md'), 'More.\n')
    assert.equal((await remove('wishlist', '--force')).code, 0)
  })

  for (const file of ['Makefile', '.npmrc', '.env', 'notes/plan'])
    it(`refuses a service that has got a file ${file} since it was made, also if Git ignores it`, async () => {
      await create('wishlist')
      for (const folder of ['notes', 'node_modules']) mkdirSync(join(root, 'services/wishlist', folder))
      writeFileSync(join(root, 'services/wishlist', file), 'Written by hand.\n')
      const { code, output } = await remove('wishlist')
      assert.equal(code, 1, output)
      assert.match(output, /these are not committed: /)
    })

  it('refuses a service whose only change is a file that Git ignores, but for installed packages', async () => {
    await create('wishlist')
    commit()
    const [secrets, packages] = [join(root, 'services/wishlist/.env'), join(root, 'services/wishlist/node_modules')]
    mkdirSync(packages)
    writeFileSync(join(packages, 'any.js'), '')
    writeFileSync(secrets, 'KEY=1\n')
    const { code, output } = await remove('wishlist')
    assert.equal(code, 1, output)
    assert.match(output, /these are not committed: services\/wishlist\/\.env\. Commit it or move it away/)
    rmSync(secrets)
    assert.equal((await remove('wishlist')).code, 0)
  })

  it('refuses a service that another one calls or hears, even with --force', async () => {
    const user = join(root, 'services/kept/contract.json')
    writeFileSync(user, JSON.stringify({ needs: { wishlist: [] }, handles: ['wishlist.wish.created'] }))
    await create('wishlist')
    const { code, output } = await remove('wishlist', '--force')
    assert.equal(code, 1)
    assert.match(
      output,
      /other services use wishlist: kept calls it; kept handles wishlist\.wish\.created\. Change or remove/
    )
  })

  it('refuses a service that was released, unless --force is set', async () => {
    const releases = { services: { kept: { version: '0.1.0', sources: '' } }, charts: {} }
    writeFileSync(join(root, 'releases.json'), JSON.stringify(releases))
    assert.match((await remove('kept')).output, /kept was released, so clusters may run it\. .*--force/)
    assert.equal((await remove('kept', '--force')).code, 0)
  })

  it('refuses an unknown service', async () => {
    assert.match((await remove('nobody')).output, /there is no service "nobody"\. Name one of kept/)
  })
})
