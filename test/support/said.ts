import type { Processes, ProcessRequest } from '../../src/ports/processes.ts'

/** Programs that do nothing but say these lines; every request is kept. */
export function sayingProcesses(lines: (request: ProcessRequest) => readonly string[], code = 0) {
  const requests: ProcessRequest[] = []
  const processes: Processes = {
    start: async (request) => {
      requests.push(request)
      for (const line of lines(request)) request.onLine(line, 'stdout')
      const ended = Promise.resolve({ code, signal: undefined, leftovers: [], outOfReach: [] })
      return { pid: 1, ended, stop: () => {} }
    },
    finishOff: async () => ({ waited: false, release: () => {} }),
    close: async () => {},
  }
  return { processes, requests }
}
