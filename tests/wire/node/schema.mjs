// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: 2026 The DotAgents Authors

// The part of JSON Schema that data/openapi.yaml uses, and one rule more: an object whose members
// are described has no others. A word that is not known here is an error, not passed over.

const ANNOTATIONS = new Set(['description', 'format', 'default', 'readOnly', 'writeOnly']);
const TYPES = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  array: Array.isArray,
  object: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  null: (value) => value === null,
};
const show = (value) => JSON.stringify(value)?.slice(0, 120);

export class Validator {
  constructor (document) {
    this.document = document;
  }

  resolve (node) {
    let found = node;
    while (found?.$ref) {
      const { $ref } = found;
      found = $ref.slice(2).split('/').reduce((at, name) => at?.[name], this.document);
      if (!found)
        throw new Error(`${$ref} leads nowhere`);
    }
    return found;
  }

  // The names of all members that are described, or null when any may be there.
  members (schema) {
    const { properties, allOf = [], oneOf = [], anyOf = [] } = this.resolve(schema);
    const names = properties ? Object.keys(properties) : [];
    let isClosed = properties !== undefined;
    for (const part of [...allOf, ...oneOf, ...anyOf]) {
      const more = this.members(part);
      isClosed ||= more !== null;
      names.push(...more ?? []);
    }
    return isClosed ? names : null;
  }

  // What is wrong with the value, in words; nothing when it fits.
  check (schema, value, path = '$', isPart = false) {
    const found = this.resolve(schema);
    const problems = [];
    for (const [word, wanted] of Object.entries(found)) {
      const rule = this[`$${word}`];
      if (rule)
        problems.push(...rule.call(this, wanted, value, path, found));
      else if (!ANNOTATIONS.has(word))
        throw new Error(`the validator does not know "${word}"`);
    }
    if (!isPart && TYPES.object(value) && !found.oneOf && !found.anyOf) {
      const known = this.members(found);
      for (const name of known ? Object.keys(value) : [])
        if (!known.includes(name))
          problems.push(`${path}.${name} is not documented`);
    }
    return problems;
  }

  $type (wanted, value, path) {
    const types = [wanted].flat();
    return types.some((type) => TYPES[type](value)) ? []
      : [`${path} is no ${types.join(' or ')}: ${show(value)}`];
  }

  $enum (wanted, value, path) {
    return wanted.includes(value) ? [] : [`${path} is none of ${wanted}: ${show(value)}`];
  }

  $required (names, value, path) {
    return TYPES.object(value)
      ? names.filter((name) => !(name in value)).map((name) => `${path}.${name} is missing`) : [];
  }

  $properties (schemas, value, path) {
    return TYPES.object(value)
      ? Object.entries(schemas).filter(([name]) => name in value)
        .flatMap(([name, schema]) => this.check(schema, value[name], `${path}.${name}`)) : [];
  }

  $items (schema, value, path) {
    return Array.isArray(value)
      ? value.flatMap((item, i) => this.check(schema, item, `${path}[${i}]`)) : [];
  }

  $allOf (schemas, value, path) {
    return schemas.flatMap((schema) => this.check(schema, value, path, true));
  }

  $anyOf (schemas, value, path) {
    const results = schemas.map((schema) => this.check(schema, value, path));
    if (results.some((problems) => problems.length === 0))
      return [];
    return [`${path} fits none: ${results.map((problems) => problems.join(', ')).join(' / ')}`];
  }

  $oneOf (schemas, value, path) {
    const fitting = schemas.filter((schema) => this.check(schema, value, path).length === 0);
    return fitting.length > 1 ? [`${path} fits several`] : this.$anyOf(schemas, value, path);
  }

  $minimum (least, value, path) {
    return typeof value === 'number' && value < least ? [`${path}: ${value} is below ${least}`]
      : [];
  }

  $maximum (most, value, path) {
    return typeof value === 'number' && value > most ? [`${path}: ${value} is above ${most}`] : [];
  }

  $minItems (least, value, path) {
    return Array.isArray(value) && value.length < least ? [`${path} has too few items`] : [];
  }

  $minLength (least, value, path) {
    return typeof value === 'string' && value.length < least ? [`${path} is too short`] : [];
  }

  $minProperties (least, value, path) {
    return TYPES.object(value) && Object.keys(value).length < least ? [`${path} is empty`] : [];
  }

  $pattern (pattern, value, path) {
    return typeof value === 'string' && !new RegExp(pattern, 'u').test(value)
      ? [`${path} does not match ${pattern}: ${show(value)}`] : [];
  }
}
