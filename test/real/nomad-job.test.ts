import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AgentHost, askJson } from '../../src/kits/consul/index.ts'
import { at, list, text } from '../../src/kits/consul/json.ts'
import { purgeJob, runJob } from '../../src/kits/nomad/job.ts'
import { nomadUrl } from '../../src/kits/nomad/probe.ts'
import { missingForNomad } from '../support/machine.ts'

/** An address of loopback that nothing else listens at. */
const server: AgentHost = { name: 'one', address: '127.0.0.46' }
const sample = readFileSync(join(import.meta.dirname, '../../samples/hello-world.nomad'), 'utf8')

/** One agent that is server and client, in a process of its own, for what needs no cluster. */
describe.skipIf(missingForNomad() !== undefined)('a job on a real Nomad', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'lakitu-nomad-'))
  let agent: ChildProcess

  beforeAll(async () => {
    const args = ['agent', '-dev', '-bind', server.address, '-node', server.name]
    // Without the machine's own environment: names of certificates in it stop the agent.
    const env = { PATH: process.env['PATH'], HOME: folder }
    agent = spawn(process.env['LAKITU_TEST_NOMAD'] ?? '', args, { cwd: folder, env, stdio: 'ignore' })
    await vi.waitFor(async () => expect(await readyNodes()).toBe(1), { timeout: 50_000, interval: 200 })
  }, 60_000)

  afterAll(async () => {
    const ended = new Promise((resolve) => agent.once('exit', resolve))
    agent.kill('SIGINT')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })

  test('a batch job answers what it wrote, and is gone', async () => {
    expect(await runJob(server, sample)).toBe('hello-world on one: Hello from one!')
    expect(await jobs()).toEqual([])
  })

  test('a batch job of several allocations is waited for whole, and answers what each wrote', async () => {
    const several = sample
      .replace('group "hello" {', 'group "hello" {\n count = 2\n')
      .replace('/bin/echo', '/bin/sh')
      // The second allocation is late.
      .replace(/args .*/, 'args = ["-c", "sleep $NOMAD_ALLOC_INDEX; echo number $NOMAD_ALLOC_INDEX"]')
    const told = await runJob(server, several)
    expect(told.split('\n').sort()).toEqual(['hello-world on one: number 0', 'hello-world on one: number 1'])
    const onEach = sample
      .replace('"batch"', '"sysbatch"')
      .replace(/restart \{[^}]*\}/, '')
      .replace(/reschedule \{[^}]*\}/, '')
    expect(await runJob(server, onEach)).toBe('hello-world on one: Hello from one!')
    expect(await jobs()).toEqual([])
  })

  test('a batch job that fails says why, and is gone', async () => {
    const failing = sample.replace('/bin/echo', '/bin/false')
    await expect(runJob(server, failing)).rejects.toMatchObject({
      code: 'E_NOMAD_JOB',
      message: expect.stringMatching(/it failed on one: .*Exit Code: 1/),
    })
    expect(await jobs()).toEqual([])
  })

  test('a job that no host takes says what Nomad missed, and is gone', async () => {
    const elsewhere = sample.replace('datacenters = ["*"]', 'datacenters = ["nowhere"]')
    await expect(runJob(server, elsewhere)).rejects.toThrow('no host took it: no node is eligible')
    const ofAnotherKind = sample.replace(
      'group "hello" {',
      'group "hello" {\n constraint {\n attribute = "here"\n value = "there"\n }\n',
    )
    await expect(runJob(server, ofAnotherKind)).rejects.toThrow('no host took it: 1 node: here = there')
    await expect(runJob(server, sample.replace('memory = 16', 'memory = 99999999'))).rejects.toThrow(
      'no host took it: 1 node: memory exhausted',
    )

    expect(await jobs()).toEqual([])
  })

  test('a file that is no job says what Nomad found wrong in it', async () => {
    await expect(runJob(server, 'job "half" {', { file: 'samples/half.nomad' })).rejects.toThrow(
      /samples\/half\.nomad:1,12-13: Unclosed configuration block/,
    )
    await expect(runJob(server, sample.replace('"batch"', '"sometimes"'))).rejects.toMatchObject({
      message: expect.stringMatching(/sometimes/),
      facts: { job: expect.stringMatching(/^hello-world/) },
    })
    expect(await jobs()).toEqual([])
  })

  test('any other job stays under its own name, and an edited one takes its place', async () => {
    try {
      expect(await runJob(server, service('a', 1))).toBe('sleeper: 1 allocation running')
      expect(await runJob(server, service('b', 2))).toBe('sleeper: 2 allocations running')
      expect(await jobs()).toEqual(['sleeper'])
      expect(text(at(await askJson(nomadUrl(server, '/v1/job/sleeper')), 'Status'))).toBe('running')
    } finally {
      expect(await purgeJob(server, 'sleeper')).toBeUndefined()
    }
  })

  test('a job that waits for its time or for a call is registered, and stays', async () => {
    const [nightly, called] = ['periodic {\n crons = ["0 4 * * *"]\n }', 'parameterized {}'].map((when) => {
      return sample.replace('group "hello" {', `${when}\n group "hello" {`)
    })
    try {
      expect(await runJob(server, nightly ?? '')).toBe('hello-world: registered, and runs when its time comes')
      expect(await jobs()).toEqual(['hello-world'])
    } finally {
      expect(await purgeJob(server, 'hello-world')).toBeUndefined()
    }
    try {
      expect(await runJob(server, called ?? '')).toBe('hello-world: registered, and runs when it is dispatched')
    } finally {
      expect(await purgeJob(server, 'hello-world')).toBeUndefined()
    }
  })

  async function readyNodes(): Promise<number> {
    const nodes = list(await askJson(nomadUrl(server, '/v1/nodes')))
    return nodes.filter((node) => at(node, 'Status') === 'ready').length
  }

  async function jobs(): Promise<readonly string[]> {
    return list(await askJson(nomadUrl(server, '/v1/jobs'))).map((job) => text(at(job, 'ID')))
  }
})

function service(word: string, count: number): string {
  return `job "sleeper" {
  datacenters = ["*"]

  group "sleeping" {
    count = ${count}

    task "sleep" {
      driver = "raw_exec"

      config {
        command = "/bin/sleep"
        args    = ["600"]
      }

      env {
        WORD = "${word}"
      }

      resources {
        cpu    = 20
        memory = 16
      }
    }
  }
}
`
}
