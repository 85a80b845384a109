import { expect, it } from 'vitest';
import { didYouMean, nearest } from '../../core/nearest';

it('finds a near word whatever its case', () => {
  expect(nearest('Prodution', ['production', 'staging'])).toBe('production');
  expect(nearest('MONTHLYUSD', ['monthlyUsd'])).toBe('monthlyUsd');
});

it('suggests nothing that cannot have been meant', () => {
  expect(nearest('banana', ['production', 'staging'])).toBeUndefined();
  expect(nearest('x', [])).toBeUndefined();
  expect(didYouMean('banana', ['production'])).toBe('');
});

it('takes the first of two equally near words, so that the answer is stable', () => {
  expect(nearest('ab', ['aa', 'bb'])).toBe('aa');
});

it('reads as the end of a message', () => {
  expect(didYouMean('g6.xlagre', ['g6.xlarge'])).toBe(' Did you mean "g6.xlarge"?');
});
