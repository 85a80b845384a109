import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCopyrightLine } from '../../compliance/text/copyright-line';
import { cpuMilliseconds } from '../cpu-time';

/** Forms of notices as packages of the npm registry carry them, with other names where the form is the point. */
const NOTICES = [
  'Copyright (c) 2025-Present [Example Contributors](http://example.org/team)',
  'Copyright (c) 2013-present, Yuxi (Evan) You and Vue contributors',
  'Copyright (c) 2017 Don McCurdy',
  'Copyright (c) 2015 Will Smith',
  'Copyright (c) 2016 Rob Grant',
  'Copyright 2012 Yahoo! Inc.',
  '#Copyright (c) 2014 Calvin Metcalf',
  'Copyright 2010 James Halliday (mail@substack.net); Modified work Copyright 2014 Contributors (ben@npmjs.com)',
  'Copyright (c) 2015-20 [these people](https://github.com/example/example/graphs/contributors)',
  'Copyright (c) 2012 Barnesandnoble.com, llc, Donavon West, Domenic Denicola, Brian Cavalier',
  'Copyright (c) 2015 Allen Institute for AI',
  'Copyright © 2010-2020 Robert Kieffer and other contributors',
  'Copyright JS Foundation and other contributors <https://js.foundation/>',
  'Copyright 2011 Mark Cavage, Inc.  All rights reserved.',
  'Copyright (c) 2010-2014, Christian Johansen, christian@cjohansen.no. All rights reserved.',
  'Copyright (C) 2012-2013 Yusuke Suzuki (twitter: @Constellation) and other contributors.',
  'Original code Copyright Julian Gruber <julian@juliangruber.com>',
  'Port to TypeScript Copyright Isaac Z. Schlueter <i@izs.me>',
  'Copyright contributors',
  'Copyright (c) 2015-2016 Rico Sta. Cruz and other contributors',
  'Copyright (c) Rod Vagg (the "Original Author") and additional contributors',
  'Copyright (c) 2010, Linden Research, Inc.',
  'Copyright (c) 2017 Ember core team and ember cli contributors',
  'Copyright 2008 Fair Oaks Labs, Inc.',
  'Copyright 2016 Matthias Müller <MattDiMu@users.noreply.github.com>',
  'Copyright (c) 2014 object-hash contributors',
  'Copyright (c) 2003-2013, Michael Foord & the mock team',
  'Copyright (c) 2008-2019 The pip developers (see AUTHORS.txt file)',
  'Copyright (c) 2015 Kyle E. Mitchell & other authors listed in AUTHORS',
  'Copyright (c) 2022, the respective contributors, as shown by the AUTHORS file.',
  'Copyright (c) 2013 noamraph',
];

/** A reader sees a condition, another licence or a pointer to terms; a line that is set aside would hide it. */
const CONDITIONS = [
  'Foo Inc. Void In Texas',
  'ACME. VOID IN TEXAS',
  'Foo, Governments Excluded',
  'Foo, CC BY-NC-SA 4.0',
  'Foo (BY-NC)',
  'Foo NC',
  'Foo Noncommercial',
  'Foo GPL-3.0',
  'Ｎｏｔ Ｆｏｒ Ｓａｌｅ',
  'Foo Cömmercial Prohíbited',
  'Foo C0mmercial Pr0hibited',
  'Foo N.o.n Com.mercial',
  'NotForCommercialDeployment Inc',
  'Foo https://foo.example/commercial-use-forbidden',
  'Foo, https://foo.example/eula',
  'Foo <https://foo.example/terms-of-use>',
  'Foo (https://foo.example/YouMayNotSell)',
  'Foo <not-for-sale@commercial.example>',
  'Foo 상업적 이용 금지',
  'Foo Коммерческое Использование',
  'Foo استخدام تجاري ممنوع',
  'Foo Venda Proibida',
  'Foo Vietato',
  'Foo N O T F O R S A L E',
  'Foo, AI Training Banned',
  'Acme Deployment Mandates Payment',
  'Foo. Buy First.',
  'Foo; attribution on every page',
  'Foo: royalty due',
  'Foo Mandatory Donation',
  'Will Prohibit Resale',
  'Foo (Europe Excluded)',
  'Foo - Strictly Confidential',
  'Foo, Commercial Licence Required',
  'Foo, Patents Pending',
  'Foo Ꮯommercial',
  'Foo Com\u200bmercial',
  'Foo solely peaceful',
  'Foo Solely Peaceful',
  'Foo (kids welcome)',
  'Foo (beta)',
  'Foo, paying members',
  'Foo robots barred',
  'Foo, Keep Off',
  'Foo - Hands Off',
  'Foo 10 Seats',
  'Foo USD 100',
  'Foo 5% Share',
  'Foo $100',
  'Foo Employees',
  'Foo Customers',
  'Foo shareware',
  'Foo Beerware',
  'Foo, Watermark Stays',
  'Foo Source Available',
  'Foo Ethical Source',
  'Foo Nur Privat',
  'Foo Nichtkommerziell',
  'Foo Hors Commerce',
  'Foo sem fins',
  'Foo lapses 2027',
  'Foo Сommercial',
];

describe('a copyright line', () => {
  it.each(NOTICES)('is %s', (line) => expect(isCopyrightLine(line)).toBe(true));

  it.each(CONDITIONS)('is not "Copyright 2026 %s"', (condition) => {
    for (const mark of ['Copyright', 'Copyright (c)', '(c)', '©', 'COPYRIGHT'])
      expect([mark, isCopyrightLine(`${mark} 2026 ${condition}`)]).toEqual([mark, false]);
  });

  it('is none with a condition at any place among names', () => {
    const name = fc.constantFrom('Foo', 'Bar Ltd', 'Jürgen Müller', 'the Example Team', 'A. B. Cee');
    const condition = fc.constantFrom(
      'no commercial use',
      'Evaluation Only',
      'NOT FOR RESALE',
      'Government Use Prohibited',
      'see EULA',
      'GPLv3',
    );
    const joint = fc.constantFrom(' ', ', ', '. ', '; ', ' - ', ' (', ' / ', ': ');
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), condition, joint, fc.nat(3), (names, words, between, at) => {
        const parts = [...names.slice(0, at), words, ...names.slice(at)];
        expect(isCopyrightLine(`Copyright (c) 2026 ${parts.join(between)}`)).toBe(false);
      }),
    );
  });

  it('is found in a time that grows with its length only', () => {
    const long = [
      `Copyright 2026 ${'a'.repeat(180)}`,
      `Copyright ${'2026, '.repeat(30)}`,
      `Copyright 2026 ${'A. '.repeat(60)}`,
      `${'Copyright '.repeat(19)}x`,
      `(c) ${'('.repeat(190)}`,
    ];
    const took = cpuMilliseconds(() => {
      for (const line of long) for (let run = 0; run < 20; run += 1) isCopyrightLine(line);
    });
    expect(took).toBeLessThan(1000);
  });
});
