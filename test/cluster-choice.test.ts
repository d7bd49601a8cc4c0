import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const OWN = '/var/lib/bulkhead-cluster/admin.kubeconfig'

describe('the choice of a cluster', () => {
  let root: string
  let programs: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bulkhead-cluster-'))
    programs = join(root, 'programs')
    for (const path of ['scripts/cluster.sh', 'k8s']) cpSync(join(ROOT, path), join(root, path), { recursive: true })
    for (const name of ['docker', 'kubectl', 'kind', 'helm']) program(name, `echo "${name} $*" >> ${root}/calls`)
    program('docker', 'exit 1')
    program('../k8s/local/up.sh', 'echo own up')
    program('../k8s/local/down.sh', 'echo own down')
    writeFileSync(join(root, 'given'), '')
  })
  afterEach(() => rmSync(root, { recursive: true }))

  function program(name: string, text: string) {
    mkdirSync(programs, { recursive: true })
    writeFileSync(join(programs, name), `#!/bin/bash\n${text}\n`)
    chmodSync(join(programs, name), 0o755)
  }

  function cluster(command: string, kubeconfig = '', KEEP = '') {
    const env = { ...process.env, PATH: `${programs}:${process.env.PATH}`, KUBECONFIG: kubeconfig, KEEP }
    return spawnSync(join(root, 'scripts/cluster.sh'), [command], { encoding: 'utf8', env })
  }

  const link = () => readlinkSync(join(root, '.data/cluster.kubeconfig'))
  const calls = () => (existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8') : '')

  it('uses the cluster of KUBECONFIG, links to its kubeconfig, and prints what the cluster lacks', () => {
    program('docker', 'exit 0')
    program('kubectl', 'case $* in *version*) echo Server Version: v1.34.4 ;; *) exit 1 ;; esac')
    const { status, stdout } = cluster('up', join(root, 'given'))
    assert.equal(status, 0)
    assert.match(stdout, /using the cluster of KUBECONFIG: Server Version: v1\.34\.4/)
    assert.deepEqual(stdout.match(/(?<=the cluster lacks )[\w ]+/g), ['the Gateway API', 'a GatewayClass', 'metrics'])
    assert.equal(link(), join(root, 'given'))
  })

  it("uses the existing link if it names somebody else's cluster", () => {
    program('kubectl', 'echo Server Version: v1.34.4')
    cluster('up', join(root, 'given'))
    assert.match(cluster('up', '.data/cluster.kubeconfig').stdout, /using the cluster of KUBECONFIG/)
    assert.equal(link(), join(root, 'given'))
  })

  it('follows a KUBECONFIG that is a relative link in another folder', () => {
    program('kubectl', 'echo Server Version: v1.34.4')
    mkdirSync(join(root, 'kube/real'), { recursive: true })
    writeFileSync(join(root, 'kube/real/config'), '')
    symlinkSync('real/config', join(root, 'kube/config'))
    for (const kubeconfig of [join(root, 'kube/config'), 'kube/config']) {
      assert.equal(cluster('up', kubeconfig).stderr, '')
      assert.equal(link(), join(root, 'kube/real/config'))
    }
  })

  it('prints the problem and its fix if the cluster of KUBECONFIG does not answer', () => {
    program('kubectl', 'echo connection refused >&2; exit 1')
    const { status, stderr } = cluster('up', 'given')
    assert.equal(status, 1)
    assert.equal(
      stderr,
      `cluster: the cluster of KUBECONFIG=${root}/given does not answer: connection refused. Start it, or unset KUBECONFIG\n`
    )
    assert.equal(existsSync(join(root, '.data/cluster.kubeconfig')), false)
  })

  it('fails if KUBECONFIG does not name a file', () => {
    const { status, stderr } = cluster('up', '/nowhere')
    assert.equal(status, 1)
    assert.match(stderr, /KUBECONFIG names \/nowhere, which is not a file\. Set it to one file, or unset it\n$/)
  })

  function kindAnswers() {
    program('docker', 'exit 0')
    program('kubectl', `echo "kubectl $*" >> ${root}/calls; echo gatewayclass/bulkhead`)
    program('kind', `echo "kind $*" >> ${root}/calls; case $1 in create) touch "\${@: -3:1}" ;; esac`)
  }

  it('uses kind if a Docker engine answers, and deletes that cluster again', () => {
    kindAnswers()
    assert.equal(cluster('up').status, 0)
    assert.match(calls(), /^kind create cluster --name bulkhead --config k8s\/kind\.yaml/m)
    assert.match(calls(), /^helm upgrade --install envoy-gateway oci:/m)
    assert.equal(link(), join(root, '.data/kind.kubeconfig'))
    assert.equal(cluster('down').status, 0)
    assert.match(calls(), /^kind delete cluster --name bulkhead$/m)
    assert.equal(existsSync(join(root, '.data/kind.kubeconfig')), false)
  })

  it('refuses to keep the state of a kind cluster, and does not stop it', () => {
    kindAnswers()
    cluster('up')
    const { status, stdout, stderr } = cluster('down', '', '1')
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /so nothing was stopped\. To delete both, run: make cluster-down\n$/)
    assert.doesNotMatch(calls(), /^kind delete/m)
    assert.equal(link(), join(root, '.data/kind.kubeconfig'))
  })

  for (const kubeconfig of ['', '.data/cluster.kubeconfig', OWN]) {
    it(`uses the local node if no Docker engine answers, with KUBECONFIG=${kubeconfig}`, () => {
      program('kubectl', 'echo gatewayclass/bulkhead')
      const { status, stdout } = cluster('up', kubeconfig)
      assert.equal(status, 0)
      assert.match(stdout, /^own up$/m)
      assert.match(stdout, /next: make deploy\n$/)
      assert.equal(link(), OWN)
    })
  }

  it('does not touch the cluster of KUBECONFIG on cluster-down', () => {
    program('kubectl', `echo "kubectl $*" >> ${root}/calls`)
    cluster('up', 'given')
    rmSync(join(root, 'calls'), { force: true })
    assert.equal(cluster('down', 'given').status, 0)
    assert.equal(calls(), '')
    assert.equal(existsSync(join(root, 'given')), true)
  })

  for (const [name, text, message] of [
    ['uname', 'echo Darwin', /the local node needs Linux, .* Start Docker, or set KUBECONFIG\n$/],
    ['id', 'echo 1000', /the local node needs root, .* Run: sudo make cluster, start Docker, or set KUBECONFIG\n$/]
  ] as const) {
    it(`prints in one line why the local node can't run if \`${name}\` prints ${text.slice(5)}`, () => {
      program('uname', 'echo Linux')
      program('id', 'echo 0')
      program(name, text)
      cpSync(join(ROOT, 'k8s/local/up.sh'), join(root, 'k8s/local/up.sh'))
      const { status, stderr } = cluster('up')
      assert.equal(status, 1)
      assert.equal(stderr.split('\n').length, 2)
      assert.match(stderr, message)
    })
  }
})

describe('the processes of the local node', () => {
  const SCRIPTS = join(ROOT, 'k8s/local')

  it('are not confused with a later process with the same ID', function () {
    if (process.platform !== 'linux') this.skip()
    const run = (text: string) =>
      execFileSync('bash', ['-c', `. ${SCRIPTS}/versions.sh; . ${SCRIPTS}/processes.sh; STATE=$(mktemp -d); ${text}`], {
        encoding: 'utf8'
      }).trim()
    const running =
      'mkdir "$STATE/run"; echo "$$ $started" > "$STATE/run/it.pid"; is_running it && echo yes || echo no; rm -r "$STATE"'
    assert.equal(run(`started=$(start_time $$); ${running}`), 'yes')
    assert.equal(run(`started=1; ${running}`), 'no')
  })
})

it('shellcheck finds nothing in the scripts of clusters and images', function () {
  if (spawnSync('shellcheck', ['--version']).status !== 0) this.skip()
  const args = ['-x', '-P', 'SCRIPTDIR', 'scripts/cluster.sh', 'scripts/images/*.sh']
  const { stdout } = spawnSync('bash', ['-c', `shellcheck ${args.join(' ')} k8s/local/*.sh`], {
    cwd: ROOT,
    encoding: 'utf8'
  })
  assert.equal(stdout, '')
})
