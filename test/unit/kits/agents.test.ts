import { createServer, type RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { ask, askJson, type Check, checkOf, trouble, untilOk } from '../../../src/kits/consul/index.ts'

async function agent(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : ''
}

test('an answer comes with its JSON, an error with what the agent says', async () => {
  const url = await agent((request, response) => {
    response.statusCode = request.url === '/good' ? 200 : 500
    response.end(request.url === '/good' ? '{"a":1}' : 'no cluster leader\n')
  })
  expect(await askJson(`${url}/good`)).toEqual({ a: 1 })
  expect(await askJson(`${url}/bad`)).toBeUndefined()
  expect(trouble(await ask(`${url}/good`))).toBeUndefined()
  expect(trouble(await ask(`${url}/bad`))).toBe('answers 500: no cluster leader')
})

test('silence says why: nobody listens, or nobody answers', async () => {
  expect(trouble(await ask('http://127.0.0.1:9/'))).toMatch(/refused|bad port/)
  const url = await agent(() => {})
  expect(trouble(await ask(url, { timeout: 50 }))).toBe('no answer in 0.05 s')
})

test('a stop from outside is no silence', async () => {
  const url = await agent(() => {})
  await expect(ask(url, { signal: AbortSignal.abort() })).rejects.toThrow()
})

test('a check holds where nothing is wrong, and else tells all that is', () => {
  expect(checkOf('members', [], 'all there')).toEqual({ name: 'members', ok: true, detail: 'all there' })
  expect(checkOf('members', ['a', 'b'], 'all there')).toEqual({ name: 'members', ok: false, detail: 'a; b' })
})

test('a check is repeated until it holds, and told as it is when patience ends', async () => {
  let asked = 0
  const second = async (): Promise<Check> => {
    asked += 1
    return checkOf('leader', asked < 2 ? ['none'] : [], 'there')
  }
  expect(await untilOk(second, 10_000, undefined)).toEqual({ name: 'leader', ok: true, detail: 'there' })
  const never = async () => checkOf('leader', ['none'], 'there')
  expect(await untilOk(never, 0, undefined)).toEqual({ name: 'leader', ok: false, detail: 'none' })
})
