import { type FastifyInstance, fastify } from 'fastify'
import { LifecycleError } from '#core/base/errors/app-error'
import type { HealthBoard, HealthReport } from '#core/base/health/health-board'
import type { Stoppable } from '#core/base/lifecycle/shutdown-stack'
import { renderHealthPage } from './health-page.ts'

export interface HealthServer extends Stoppable {
  readonly url: string
}

export function buildHealthServer(deps: { board: HealthBoard; version: string }): FastifyInstance {
  const server = fastify({ logger: false })
  server.get('/health', async (_request, reply) => {
    const report = deps.board.report()
    return reply.code(statusOf(report)).send({ version: deps.version, ...report })
  })
  // For a load balancer or an orchestrator: the status, and one word.
  server.get('/healthz', async (_request, reply) => {
    const report = deps.board.report()
    return reply.code(statusOf(report)).type('text/plain; charset=utf-8').send(`${report.state}\n`)
  })
  server.get('/', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(renderHealthPage(deps.board.report(), deps.version)),
  )
  return server
}

export async function startHealthServer(
  deps: { board: HealthBoard; version: string },
  config: { host: string; port: number },
): Promise<HealthServer> {
  const server = buildHealthServer(deps)
  try {
    const url = await server.listen({ host: config.host, port: config.port })
    return { url, stop: () => server.close() }
  } catch (cause) {
    await server.close()
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
    if (reason === undefined) throw cause
    throw new LifecycleError(
      'LISTEN_FAILED',
      `The health page cannot listen on ${config.host}:${config.port} (${reason}).`,
      {
        cause,
        hint: 'Set health.port to a free port, or stop the process that holds it.',
      },
    )
  }
}

/** A supervisor needs one bit: a miner that cannot do its work answers 503. */
function statusOf(report: HealthReport): number {
  const isServing = report.state === 'ready' || report.state === 'degraded'
  return isServing && Object.values(report.parts).every((part) => part.state !== 'failed') ? 200 : 503
}
