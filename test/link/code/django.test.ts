import { expect, it } from 'vitest';
import { migrated, modelsOf } from './python-program.js';

const ORGANIZATION = `migrations.CreateModel(name='Organization', fields=[('id', models.BigAutoField(primary_key=True, serialize=False)), ('name', models.CharField(max_length=50))])`;
const PROJECT = `migrations.CreateModel(name='Project', fields=[
  ('id', models.UUIDField(primary_key=True, default=uuid.uuid4)),
  ('name', models.CharField(max_length=50, unique=True)),
  ('slug', models.SlugField()),
  ('rank', models.PositiveIntegerField(default=0)),
  ('parent', models.ForeignKey('self', on_delete=models.CASCADE, null=True)),
  ('owner', models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)),
  ('tags', models.ManyToManyField('shop.Organization')),
], options={'unique_together': {('slug', 'parent')}})`;

it('CreateModel', () => {
  expect(migrated(`${ORGANIZATION}, ${PROJECT}`)).toEqual([]);
});

it('AddField and AlterField', () => {
  expect(migrated(ORGANIZATION, PROJECT, `
    migrations.AddField('Project', 'org', models.ForeignKey('shop.Organization', on_delete=models.CASCADE, null=True)),
    migrations.AlterField('project', 'org', models.ForeignKey('shop.Organization', on_delete=models.CASCADE)),
    migrations.AddField('Project', 'status', models.CharField(max_length=10, default='new')),
    migrations.AddField('Project', 'note', models.TextField(blank=True)),
    migrations.AlterField('Project', 'note', models.TextField(null=True)),
    migrations.AlterField('Project', 'note', models.TextField(default='x')),
    migrations.AlterField('Project', 'name', models.CharField(max_length=90)),
    migrations.RenameField('Project', 'org', 'organization'),
    migrations.AddConstraint('Project', models.UniqueConstraint(fields=['organization', 'name'], name='uq')),
    migrations.AddConstraint('Project', models.UniqueConstraint(fields=['organization'], condition=models.Q(status='new', note__isnull=True), name='uq2')),
    migrations.AddIndex('Project', models.Index(fields=['organization', '-name'], name='ix')),
    migrations.RemoveConstraint('Project', 'uq'),
    migrations.AlterUniqueTogether('Project', {('organization', 'slug')}),
    migrations.RenameModel('Project', 'Item'),
    migrations.RemoveField('Item', 'organization'),
    migrations.DeleteModel('Item'),
  `)).toEqual([]);
});

it('models', () => {
  expect(modelsOf({ 'shop/models.py': `
from django.db import models
class Base(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True
class Organization(Base):
    pass
class Project(Base):
    org = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name='projects')
    class Meta:
        constraints = [models.UniqueConstraint(fields=['org', 'created'], name='u')]
` }).map((m) => ({ name: m.name.name, columns: m.columns.map((c) => `${c.name} ${c.type.name} ${c.notNull}`), c: m.constraints.map((c) => `${c.kind} ${'columns' in c ? c.columns.join() : ''}`), i: m.indexes.map((i) => i.name), r: Object.keys(m.relations ?? {}) }))).toEqual([]);
});
