import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const MIB = 1024 * 1024
const BASE = 'docker.io/library/node:24-bookworm-slim'

describe('the scripts of images', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-images-'))
    for (const path of ['scripts/images/build.sh', 'scripts/images/provide.sh', 'k8s/local/versions.sh'])
      cpSync(join(ROOT, path), join(root, path))
    for (const service of ['alpha', 'beta'])
      write(`services/${service}/package.json`, JSON.stringify({ version: '1.2.3', description: service }))
    write('Dockerfile', '')
    program('programs/kubectl', '')
    program('node_modules/node/bin/node', 'echo 1.2.3')
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function write(file: string, text: string) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }

  function program(file: string, text: string) {
    write(file, `#!/bin/bash\necho "$(basename "$0") $*" >> ${root}/calls\n${text}\n`)
    chmodSync(join(root, file), 0o755)
  }

  const equalStatus = ({ status, stderr }: { status: number | null; stderr: string }) =>
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })

  const calls = (pattern: RegExp) => readFileSync(join(root, 'calls'), 'utf8').match(pattern) ?? []

  function run(script: string, args: string[], environment: Record<string, string> = {}) {
    const env = { ...process.env, PATH: `${root}/programs:${process.env.PATH}`, KUBECONFIG: '', ...environment }
    return spawnSync(join(root, 'scripts/images', script), args, { encoding: 'utf8', env, cwd: root })
  }

  describe('build.sh with Docker', () => {
    /** Returns a fake Docker engine with the images of services. It gets the base image by a pull, if `canPull` is true. */
    const engine = (canPull: boolean, size: number) =>
      program(
        'programs/docker',
        `case "$*" in
          pull*) ${canPull} && touch ${root}/pulled ;;
          *inspect*${BASE}) [ -e ${root}/pulled ] && echo ${100 * MIB} ;;
          *inspect*) echo ${100 * MIB + size} ;;
        esac`
      )

    it('pulls the base once, to compute sizes above it', () => {
      engine(true, 3 * MIB)
      const { status, stdout, stderr } = run('build.sh', [])
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
      for (const service of ['alpha', 'beta'])
        assert.match(stdout, new RegExp(`^bulkhead\\.local/bulkhead-${service}:1\\.2\\.3 +3\\.0 MiB`, 'm'))
      assert.equal(calls(/^docker pull/gm).length, 1)
      assert.equal(calls(/CREATED=1970-01-01T00:00:00Z/g).length, 2)
    })

    it("builds if the base can't be pulled, and prints that the size is unknown", () => {
      engine(false, 3 * MIB)
      const { status, stdout, stderr } = run('build.sh', ['alpha'])
      assert.equal(status, 0)
      assert.match(stdout, /^bulkhead\.local\/bulkhead-alpha:1\.2\.3 +unmeasured/m)
      assert.equal(stderr, `images: ${BASE} cannot be pulled, so the sizes above it are unknown\n`)
    })

    it('refuses an image that is too large', () => {
      engine(true, 26 * MIB)
      const { status, stderr } = run('build.sh', ['alpha'])
      assert.equal(status, 1)
      assert.match(stderr, /adds more than 25 MiB to its base/)
    })
  })

  it('build.sh builds the image of the load only if it is named, from packages', () => {
    program('programs/docker', '')
    write('packages/load/package.json', JSON.stringify({ version: '1.2.3', description: 'Shoppers' }))
    equalStatus(run('build.sh', []))
    assert.deepEqual(calls(/FOLDER=\S+/g).sort(), ['FOLDER=services/alpha', 'FOLDER=services/beta'])
    equalStatus(run('build.sh', ['load']))
    assert.equal(calls(/FOLDER=packages\/load .*DESCRIPTION=Shoppers/g).length, 1)
    assert.match(run('build.sh', ['cli']).stderr, /^images: there is no services\/cli/)
  })

  it('build.sh with buildah keeps the archive of an unchanged image, and writes one for a new name', () => {
    program('programs/docker', 'exit 1')
    program('programs/uname', 'echo Linux')
    program(
      'programs/buildah',
      `case $1 in
        inspect) echo the-same ;;
        push) file=\${4#docker-archive:}; echo "$3" > ${root}/name; tar -C ${root} -cf "\${file%%:*}" name ;;
      esac`
    )
    const build = (REGISTRY: string) => {
      const { status, stderr } = run('build.sh', ['alpha'], { REGISTRY })
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    }
    build('one.example')
    build('one.example')
    assert.equal(calls(/^buildah push/gm).length, 1)
    build('two.example')
    const archive = join(root, '.data/images/alpha-1.2.3.tar')
    assert.equal(
      spawnSync('tar', ['-xOf', archive, 'name'], { encoding: 'utf8' }).stdout,
      'two.example/bulkhead-alpha:1.2.3\n'
    )
  })

  describe('provide.sh', () => {
    for (const kubeconfig of ['', 'nowhere'])
      it(`fails if there is no cluster, with KUBECONFIG=${kubeconfig}`, () => {
        mkdirSync(join(root, '.data'))
        const { status, stdout, stderr } = run('provide.sh', [], { KUBECONFIG: kubeconfig })
        assert.deepEqual(
          { status, stdout, stderr },
          { status: 1, stdout: '', stderr: 'cluster: there is no cluster. Run: make cluster\n' }
        )
      })

    it("loads no images into somebody else's cluster", () => {
      write('given', '')
      const { status, stdout } = run('provide.sh', [], { KUBECONFIG: 'given', REGISTRY: 'one.example' })
      assert.equal(status, 0)
      assert.match(stdout, /the cluster pulls the images from one\.example/)
    })

    it('loads each image into kind with the program that `make cluster` built', () => {
      write('.data/kind.kubeconfig', '')
      program('scripts/images/build.sh', '')
      program('cache/bin/kind', '')
      // The PATH has no other `kind`.
      const PATH = `${root}/programs:${dirname(process.execPath)}:/usr/bin:/bin`
      const { status, stderr } = run('provide.sh', [], {
        PATH,
        BULKHEAD_CACHE: join(root, 'cache'),
        KUBECONFIG: '.data/kind.kubeconfig',
        NEXT: 'expand'
      })
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
      assert.deepEqual(
        calls(/(?<=^kind load docker-image --name bulkhead ).*/gm),
        ['alpha', 'beta'].map(service => `bulkhead.local/bulkhead-${service}:1.2.3-next`)
      )
    })
  })
})
