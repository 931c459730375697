import { expect, it } from 'vitest';
import { queriesOfEffects } from '../../../src/link/queries/code.js';
import { pythonProgram } from './python-program.js';
import { renderQuery } from './render-query.js';

const MODELS = `
from django.db import models
class Organization(models.Model):
    name = models.TextField()
class ProjectQuerySet(models.QuerySet):
    def live(self):
        return self.filter(archived=False)
    def of(self, org):
        return self.live().filter(org=org)
class Project(models.Model):
    org = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name='projects')
    name = models.TextField()
    archived = models.BooleanField(default=False)
    objects = ProjectQuerySet.as_manager()
    def siblings(self):
        return Project.objects.filter(org=self.org)
class ActiveManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().filter(done=False)
class Task(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    title = models.TextField(null=True)
    done = models.BooleanField(default=False)
    tags = models.ManyToManyField('Tag')
    objects = models.Manager()
    active = ActiveManager()
class Tag(models.Model):
    name = models.TextField()
`;

/** The queries of a function's body. */
function queries(body: string): string[] {
  const text = `from django.db import connection\nfrom django.db.models import Q, F, Exists, OuterRef, Count, Prefetch, Subquery\nfrom django.shortcuts import get_object_or_404\nfrom shop.models import Organization, Project, Task, Tag\ndef f(org, id, ids, request):\n${body.split('\n').map((line) => `    ${line}`).join('\n')}\n`;
  const program = pythonProgram({ 'shop/models.py': MODELS, 'shop/views.py': text });
  program.models();
  return queriesOfEffects(program.effects()).filter(({ location, draft }) => location.file === 'shop/views.py' && draft?.withdrawn !== true).map(({ query, unknown }) => (query ? renderQuery(query) : `?? ${unknown}`));
}

const CASES = [
  'Project.objects.filter(org=org, name__in=ids).exclude(archived=True).order_by("name").first()',
  'Project.objects.get(pk=id)',
  'Task.objects.filter(project__org=org, project__name="x", title__isnull=True)',
  'Task.objects.filter(Q(project_id=id) | ~Q(title="x")).count()',
  'Task.active.filter(project=id).exists()',
  'Project.objects.of(org).get(id=id)',
  'Organization.objects.filter(projects__task__done=True).distinct()',
  'Project.objects.create(org=org, name="x")',
  'Project.objects.get_or_create(org=org, name="x", defaults={"archived": True})',
  'Project.objects.filter(org=org).update(name=F("org__name"))',
  'Task.objects.filter(project__in=Project.objects.filter(org=org)).delete()',
  'p = get_object_or_404(Project, pk=id, org=org)\nfor t in p.task_set.all():\n    t.title = p.name\n    t.save()',
  'p = Project(org=org, name="x")\np.save()',
  'Project.objects.bulk_create([Project(org=org, name="a"), Project(org=org, name="b")])',
  'Project.objects.annotate(n=Count("task")).filter(n__gt=1).values_list("id", flat=True)',
  'Project.objects.filter(Exists(Task.objects.filter(project=OuterRef("pk"))))',
  'qs = Project.objects.all()\nif org:\n    qs = qs.filter(org=org)\nreturn qs',
  'with connection.cursor() as cursor:\n    cursor.execute("select * from shop_project where org_id = %s", [org])',
  'Project.objects.prefetch_related("task_set__tags").select_related("org").get(id=id)',
  'Task.objects.filter(done=True).values("project").annotate(n=Count("id")).filter(n__gt=1)',
  'Project.objects.filter(Q(("org", org), ("name", "x"), _connector="OR"), Q(("archived", True), _negated=True))',
  'Project.objects.filter(org=org).union(Project.objects.filter(name="x")).first()',
  'Task.objects.filter(project__in=Project.objects.filter(org=org).union(Organization.objects.filter(id=id)))',
  't = Task.objects.get(id=id)\nt.tags.add(ids)\nt.tags.filter(name="x").count()',
];

it('query sets are lowered into SQL', () => {
  const shown = CASES.map((body) => `${body}\n${queries(body).map((each) => `    ${each.replace(/@shop\/views.py:\d+/g, '')}`).join('\n')}`).join('\n');
  expect(`\n${shown}\n`).toMatchInlineSnapshot(`
    "
    Project.objects.filter(org=org, name__in=ids).exclude(archived=True).order_by("name").first()
        SELECT shop_project.* FROM shop_project WHERE shop_project.org_id = :org AND shop_project.name = ANY (:ids) AND NOT (shop_project.archived = TRUE) LIMIT 1
    Project.objects.get(pk=id)
        SELECT shop_project.* FROM shop_project WHERE shop_project.id = :id
    Task.objects.filter(project__org=org, project__name="x", title__isnull=True)
        SELECT shop_task.* FROM shop_task WHERE shop_task.title IS NULL AND EXISTS (SELECT 1 FROM shop_project WHERE shop_project.id = shop_task.project_id AND shop_project.org_id = :org AND shop_project.name = 'x')
    Task.objects.filter(Q(project_id=id) | ~Q(title="x")).count()
        SELECT count(*) FROM shop_task WHERE shop_task.project_id = :id OR NOT (shop_task.title = 'x')
    Task.active.filter(project=id).exists()
        SELECT shop_task.* FROM shop_task WHERE shop_task.done = FALSE AND shop_task.project_id = :id LIMIT 1
    Project.objects.of(org).get(id=id)
        SELECT shop_project.* FROM shop_project WHERE shop_project.archived = FALSE AND shop_project.org_id = :org AND shop_project.id = :id
    Organization.objects.filter(projects__task__done=True).distinct()
        SELECT shop_organization.* FROM shop_organization WHERE EXISTS (SELECT 1 FROM shop_project WHERE shop_project.org_id = shop_organization.id AND EXISTS (SELECT 1 FROM shop_task WHERE shop_task.project_id = shop_project.id AND shop_task.done = TRUE))
    Project.objects.create(org=org, name="x")
        INSERT INTO shop_project (org_id, name) VALUES (:org, 'x')
    Project.objects.get_or_create(org=org, name="x", defaults={"archived": True})
        SELECT shop_project.* FROM shop_project WHERE shop_project.org_id = :org AND shop_project.name = 'x'
        INSERT INTO shop_project (org_id, name, archived) VALUES (:org, 'x', TRUE)
    Project.objects.filter(org=org).update(name=F("org__name"))
        UPDATE shop_project SET name = (SELECT shop_organization.name FROM shop_organization WHERE shop_organization.id = shop_project.org_id) WHERE shop_project.org_id = :org
    Task.objects.filter(project__in=Project.objects.filter(org=org)).delete()
        DELETE FROM shop_task WHERE shop_task.project_id = ANY (SELECT shop_project.id FROM shop_project WHERE shop_project.org_id = :org)
    p = get_object_or_404(Project, pk=id, org=org)
    for t in p.task_set.all():
        t.title = p.name
        t.save()
        SELECT shop_project.* FROM shop_project WHERE shop_project.id = :id AND shop_project.org_id = :org
        SELECT shop_task.* FROM shop_task WHERE shop_task.project_id = (SELECT shop_project.id FROM shop_project WHERE shop_project.id = :id AND shop_project.org_id = :org)
        UPDATE shop_task SET title = (SELECT shop_project.name FROM shop_project WHERE shop_project.id = :id AND shop_project.org_id = :org) WHERE shop_task.project_id = (SELECT shop_project.id FROM shop_project WHERE shop_project.id = :id AND shop_project.org_id = :org)
    p = Project(org=org, name="x")
    p.save()
        INSERT INTO shop_project (org_id, name) VALUES (:org, 'x')
    Project.objects.bulk_create([Project(org=org, name="a"), Project(org=org, name="b")])
        INSERT INTO shop_project (org_id, name) VALUES (:org, 'a'), (:org, 'b')
    Project.objects.annotate(n=Count("task")).filter(n__gt=1).values_list("id", flat=True)
        SELECT shop_project.*, (SELECT count(shop_task_2.id) FROM shop_task shop_task_2 WHERE shop_task_2.project_id = shop_project.id) AS n FROM shop_project WHERE (SELECT count(shop_task.id) FROM shop_task WHERE shop_task.project_id = shop_project.id) > 1
    Project.objects.filter(Exists(Task.objects.filter(project=OuterRef("pk"))))
        SELECT shop_project.* FROM shop_project WHERE EXISTS (SELECT 1 FROM shop_task WHERE shop_task.project_id = shop_project.id)
    qs = Project.objects.all()
    if org:
        qs = qs.filter(org=org)
    return qs
        SELECT shop_project.* FROM shop_project
        SELECT shop_project.* FROM shop_project WHERE shop_project.org_id = :org
    with connection.cursor() as cursor:
        cursor.execute("select * from shop_project where org_id = %s", [org])
        SELECT * FROM shop_project WHERE org_id = :org
    Project.objects.prefetch_related("task_set__tags").select_related("org").get(id=id)
        SELECT shop_project.*, ARRAY (SELECT ARRAY (SELECT 1 FROM shop_task_tags JOIN shop_tag ON shop_tag.id = shop_task_tags.tag_id WHERE shop_task_tags.task_id = shop_task.id) FROM shop_task WHERE shop_task.project_id = shop_project.id) AS task_set__tags, ARRAY (SELECT 1 FROM shop_organization WHERE shop_organization.id = shop_project.org_id) AS org FROM shop_project WHERE shop_project.id = :id
    Task.objects.filter(done=True).values("project").annotate(n=Count("id")).filter(n__gt=1)
        SELECT shop_task.project_id, count(shop_task.id) AS n FROM shop_task WHERE shop_task.done = TRUE GROUP BY shop_task.project_id HAVING count(shop_task.id) > 1
    Project.objects.filter(Q(("org", org), ("name", "x"), _connector="OR"), Q(("archived", True), _negated=True))
        SELECT shop_project.* FROM shop_project WHERE (shop_project.org_id = :org OR shop_project.name = 'x') AND NOT (shop_project.archived = TRUE)
    Project.objects.filter(org=org).union(Project.objects.filter(name="x")).first()
        SELECT shop_project.* FROM shop_project WHERE shop_project.org_id = :org OR shop_project.name = 'x' LIMIT 1
    Task.objects.filter(project__in=Project.objects.filter(org=org).union(Organization.objects.filter(id=id)))
        SELECT shop_project.* FROM shop_project WHERE shop_project.org_id = :org
        SELECT shop_organization.* FROM shop_organization WHERE shop_organization.id = :id
        SELECT shop_task.* FROM shop_task WHERE shop_task.project_id = ANY (SELECT shop_project.id FROM shop_project WHERE <rows of several tables>)
    t = Task.objects.get(id=id)
    t.tags.add(ids)
    t.tags.filter(name="x").count()
        SELECT shop_task.* FROM shop_task WHERE shop_task.id = :id
        INSERT INTO shop_task_tags (task_id, tag_id) VALUES ((SELECT shop_task.id FROM shop_task WHERE shop_task.id = :id), :ids)
        SELECT count(*) FROM shop_tag WHERE EXISTS (SELECT 1 FROM shop_task_tags WHERE shop_task_tags.tag_id = shop_tag.id AND shop_task_tags.task_id = (SELECT shop_task.id FROM shop_task WHERE shop_task.id = :id)) AND shop_tag.name = 'x'
    "
  `);
});
