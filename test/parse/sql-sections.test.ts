import { describe, expect, test } from 'vitest';
import { readMarker } from '../../src/parse/sql/sections.js';

describe('readMarker', () => {
  test.each([
    ['-- +goose Up', { section: 'up', transaction: 'file' }], ['--+goose down', { section: 'down' }], ['-- +goose NO TRANSACTION', { transaction: 'none' }],
    ['-- migrate:up', { section: 'up', transaction: 'file' }], ['-- migrate:up transaction:false', { section: 'up', transaction: 'none' }], ['-- migrate:down', { section: 'down' }],
    ['-- +migrate Up notransaction', { section: 'up', transaction: 'none' }], ['-- +migrate Down', { section: 'down' }],
    ['-- Up Migration', { section: 'up', transaction: 'file' }], ['---- Down Migration', { section: 'down' }],
    ['---- create above / drop below ----', { section: 'down' }],
    ['-- no-transaction', { transaction: 'none' }], ['-- atlas:txmode none', { transaction: 'none' }],
    ['--> statement-breakpoint', {}], ['-- +goose StatementBegin', {}], ['-- +migrate StatementEnd', {}],
  ])('%s', (comment, marker) => {
    expect(readMarker(comment)).toEqual(marker);
  });

  test.each(['-- going up', '-- set up migration of users', '-- no transaction is needed here?', '--', '-- atlas:txmode file'])('%s is an ordinary comment', (comment) => {
    expect(readMarker(comment)).toBeUndefined();
  });
});
