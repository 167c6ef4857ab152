import { expect, test } from './mock.js';

test('the leads are shown', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('listitem')).toHaveCount(3);
});

test('a list that is down twice is shown in the end', async ({ page, steer }) => {
  await steer('scenarios/flaky-list', { active: true });
  await page.goto('/');
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(page.getByRole('alert')).toHaveText('Service Unavailable');
    await page.getByRole('button', { name: 'Try again' }).click();
  }
  await expect(page.getByRole('listitem')).toHaveCount(3);
});

test('who may not see leads is told so', async ({ page, steer }) => {
  await steer('rules/no-leads', { when: { method: 'GET', path: '/leads' }, respond: { error: 'forbidden' } });
  await page.goto('/');
  await expect(page.getByRole('alert')).toHaveText('You do not have permission to perform this action');
});
