/**
 * The part of SARIF 2.1.0 that the report uses, as a JSON Schema written from the OASIS standard's text.
 * Stricter than the standard: what the report does not use is not allowed.
 */
const text = { type: 'string', minLength: 1 };
const message = { type: 'object', required: ['text'], additionalProperties: false, properties: { text } };
const artifactLocation = {
  type: 'object', required: ['uri'], additionalProperties: false,
  properties: { uri: { type: 'string', format: 'uri-reference' }, uriBaseId: { const: 'PROJECT' } },
};
const region = {
  type: 'object', required: ['startLine'], additionalProperties: false,
  properties: Object.fromEntries(['startLine', 'startColumn', 'endLine', 'endColumn'].map((name) => [name, { type: 'integer', minimum: 1 }])),
};
const physicalLocation = { type: 'object', required: ['artifactLocation', 'region'], additionalProperties: false, properties: { artifactLocation, region } };
const level = { enum: ['none', 'note', 'warning', 'error'] };
const propertyBag = { type: 'object' };

const reportingDescriptor = {
  type: 'object', required: ['id', 'shortDescription', 'help'], additionalProperties: false,
  properties: {
    id: text, shortDescription: message, properties: propertyBag,
    help: { type: 'object', required: ['text'], additionalProperties: false, properties: { text, markdown: text } },
    defaultConfiguration: { type: 'object', additionalProperties: false, properties: { level } },
  },
};

const replacement = {
  type: 'object', required: ['deletedRegion'], additionalProperties: false,
  properties: {
    deletedRegion: {
      type: 'object', required: ['charOffset', 'charLength'], additionalProperties: false,
      properties: { charOffset: { type: 'integer', minimum: 0 }, charLength: { type: 'integer', minimum: 0 } },
    },
    insertedContent: { type: 'object', additionalProperties: false, properties: { text: { type: 'string' } } },
  },
};

const result = {
  type: 'object', required: ['ruleId', 'ruleIndex', 'level', 'message', 'locations', 'partialFingerprints'], additionalProperties: false,
  properties: {
    ruleId: text, ruleIndex: { type: 'integer', minimum: 0 }, level, message, properties: propertyBag,
    locations: { type: 'array', minItems: 1, items: { type: 'object', additionalProperties: false, properties: { physicalLocation } } },
    relatedLocations: {
      type: 'array', uniqueItems: true,
      items: { type: 'object', additionalProperties: false, properties: { id: { type: 'integer', minimum: 0 }, message, physicalLocation } },
    },
    partialFingerprints: { type: 'object', additionalProperties: { type: 'string' } },
    fixes: {
      type: 'array',
      items: {
        type: 'object', required: ['artifactChanges'], additionalProperties: false,
        properties: {
          description: message,
          artifactChanges: {
            type: 'array', minItems: 1,
            items: {
              type: 'object', required: ['artifactLocation', 'replacements'], additionalProperties: false,
              properties: { artifactLocation, replacements: { type: 'array', minItems: 1, items: replacement } },
            },
          },
        },
      },
    },
  },
};

const notification = {
  type: 'object', required: ['message'], additionalProperties: false,
  properties: { level, message, locations: { type: 'array', items: { type: 'object', additionalProperties: false, properties: { physicalLocation } } } },
};

export const sarifSubset = {
  type: 'object', required: ['version', 'runs'], additionalProperties: false,
  properties: {
    $schema: { type: 'string' }, version: { const: '2.1.0' },
    runs: {
      type: 'array', minItems: 1, maxItems: 1,
      items: {
        type: 'object', required: ['tool', 'results', 'columnKind', 'invocations'], additionalProperties: false,
        properties: {
          tool: {
            type: 'object', required: ['driver'], additionalProperties: false,
            properties: {
              driver: {
                type: 'object', required: ['name', 'semanticVersion', 'rules'], additionalProperties: false,
                properties: { name: text, semanticVersion: text, rules: { type: 'array', uniqueItems: true, items: reportingDescriptor } },
              },
            },
          },
          columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
          originalUriBaseIds: propertyBag, properties: propertyBag,
          invocations: {
            type: 'array',
            items: {
              type: 'object', required: ['executionSuccessful'], additionalProperties: false,
              properties: { executionSuccessful: { type: 'boolean' }, toolExecutionNotifications: { type: 'array', items: notification } },
            },
          },
          results: { type: 'array', items: result },
        },
      },
    },
  },
};
