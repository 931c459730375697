import { afterAll, describe } from 'vitest';
import { openServer } from '../src/database/server.js';
import { judgePages } from './judge-pages.js';
import { majorVersion, serverMissing, startPostgres, type PostgresServer } from './postgres-server.js';

describe.skipIf(serverMissing() !== undefined)('the installed server', () => {
  let server: PostgresServer;
  afterAll(() => server.stop());
  judgePages(async () => {
    server = await startPostgres();
    const connection = await openServer(server.database('pages'), 60_000);
    // A name that hosting platforms give their superuser.
    await connection.run('create role postgres superuser');
    return connection;
  }, majorVersion());
});
