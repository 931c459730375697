"""What CPython's own parser says about Python files: one JSON line of facts for each path on standard input.

Facts are strings. Offsets are UTF-16 code units from the start of the file; inside an f-string, where older versions
give wrong places, there are none.
"""
import ast
import json
import re
import sys
import warnings

OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/", ast.Mod: "%", ast.Pow: "**", ast.LShift: "<<", ast.RShift: ">>",
    ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&", ast.FloorDiv: "//", ast.UAdd: "+", ast.USub: "-", ast.Not: "not", ast.Invert: "~",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in",
    ast.NotIn: "not in", ast.And: "and", ast.Or: "or",
}
STATEMENTS = {
    ast.Expr: "expression", ast.Assign: "declare", ast.AnnAssign: "declare", ast.AugAssign: "expression", ast.If: "if", ast.For: "loop", ast.AsyncFor: "loop",
    ast.While: "loop", ast.Try: "try", ast.With: "with", ast.AsyncWith: "with", ast.Return: "return", ast.Raise: "throw", ast.Break: "break",
    ast.Continue: "continue", ast.Assert: "assert", ast.FunctionDef: "function", ast.AsyncFunctionDef: "function", ast.ClassDef: "class",
    ast.Delete: "delete", ast.Global: "unknown", ast.Nonlocal: "unknown",
}
for newer, statement in (("Match", "switch"), ("TryStar", "try"), ("TypeAlias", "type")):
    if hasattr(ast, newer):
        STATEMENTS[getattr(ast, newer)] = statement


class Places:
    def __init__(self, text):
        self.lines = []
        start = 0
        for line in re.findall(r"[^\r\n]*(?:\r\n|\r|\n|$)", text):
            self.lines.append((start, line))
            start += len(line.encode("utf-16-le", "surrogatepass")) // 2

    def at(self, line, column):
        start, text = self.lines[line - 1]
        if text.isascii():
            return start + column
        before = text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass")
        return start + len(before.encode("utf-16-le", "surrogatepass")) // 2


class Facts(ast.NodeVisitor):
    def __init__(self, text):
        self.places = Places(text)
        self.bom = 1 if text.startswith("\ufeff") else 0
        self.facts = []
        self.in_text = 0

    def start(self, node):
        if self.in_text:
            return "~"
        return self.places.at(node.lineno, node.col_offset) + self.bom

    def end(self, node):
        if self.in_text:
            return "~"
        return self.places.at(node.end_lineno, node.end_col_offset) + self.bom

    def add(self, kind, node, *rest):
        self.facts.append(" ".join(str(part) for part in (kind, self.start(node), self.end(node), *rest)))

    def body(self, parent, name, statements):
        for statement in statements:
            kind = STATEMENTS.get(type(statement))
            if kind and not self.in_text:
                # Imports are facts of their own; `pass` says nothing.
                self.facts.append(f"statement {kind} {self.start(statement)} in {parent} {name}")
            self.visit(statement)

    def visit_Module(self, node):
        self.body("module", "body", node.body)

    def each(self, nodes):
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_Name(self, node):
        self.add("name", node, node.id)

    def visit_Attribute(self, node):
        self.add("member", node, node.attr)
        self.visit(node.value)

    def visit_Call(self, node):
        names = ",".join(keyword.arg or "**" for keyword in node.keywords)
        self.add("call", node, len(node.args), names)
        self.generic_visit(node)

    def visit_Constant(self, node):
        value = node.value
        if isinstance(value, str):
            self.add("string", node, json.dumps(value))
        elif isinstance(value, bytes):
            self.add("bytes", node, json.dumps(value.decode("latin-1")))
        elif isinstance(value, bool):
            self.add("boolean", node, json.dumps(value))
        elif value is None:
            self.add("null", node)
        elif value is Ellipsis:
            self.add("ellipsis", node)
        elif isinstance(value, complex):
            self.add("complex", node)
        elif isinstance(value, int):
            self.add("integer", node, value if value <= 2**53 - 1 else "big")
        else:
            self.add("float", node)

    def visit_JoinedStr(self, node):
        parts = []
        for value in node.values:
            if isinstance(value, ast.Constant):
                if parts and parts[-1] is not None:
                    parts[-1] += value.value
                else:
                    parts.append(value.value)
            else:
                parts.append(None)
        if isinstance(node, ast.JoinedStr) and all(part is not None for part in parts):
            self.add("string", node, json.dumps("".join(parts)))
            return
        self.add("template", node, json.dumps([part for part in parts if part]))
        self.in_text += 1
        for value in node.values:
            if not isinstance(value, ast.Constant):
                self.visit(value.value)
        self.in_text -= 1

    visit_TemplateStr = visit_JoinedStr

    def visit_BinOp(self, node):
        self.add("binary", node, OPERATORS[type(node.op)])
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        self.add("unary", node, OPERATORS[type(node.op)])
        self.generic_visit(node)

    def visit_BoolOp(self, node):
        for value in node.values[1:]:
            self.facts.append(f"logical {OPERATORS[type(node.op)]} {self.start(value)}")
        self.generic_visit(node)

    def visit_Compare(self, node):
        for operator, value in zip(node.ops, node.comparators):
            self.facts.append(f"compare {OPERATORS[type(operator)]} {self.start(value)}")
        self.generic_visit(node)

    def visit_Subscript(self, node):
        self.add("index", node)
        self.generic_visit(node)

    def visit_Slice(self, node):
        self.facts.append(f"slice {node.lower is not None} {node.upper is not None} {node.step is not None}")
        self.generic_visit(node)

    def visit_Dict(self, node):
        self.add("dict", node, len(node.keys))
        self.generic_visit(node)

    def visit_List(self, node):
        self.listed("list", node)

    def visit_Tuple(self, node):
        self.listed("tuple", node)

    def visit_Set(self, node):
        self.listed("set", node)

    def listed(self, form, node):
        spreads = sum(isinstance(item, ast.Starred) for item in node.elts)
        stored = isinstance(getattr(node, "ctx", None), ast.Store)
        self.facts.append(f"{'pattern' if stored else form} {len(node.elts)} {spreads}")
        self.generic_visit(node)

    def visit_IfExp(self, node):
        self.add("conditional", node)
        self.generic_visit(node)

    def visit_Await(self, node):
        self.add("await", node)
        self.generic_visit(node)

    def visit_Yield(self, node):
        self.add("yield", node)
        self.generic_visit(node)

    def visit_YieldFrom(self, node):
        self.add("yield", node, "from")
        self.generic_visit(node)

    def visit_NamedExpr(self, node):
        self.add("assignment", node, "=")
        self.generic_visit(node)

    def comprehension(self, form, node):
        shape = ",".join(str(len(clause.ifs)) for clause in node.generators)
        self.facts.append(f"comprehension {form} {shape}")
        self.generic_visit(node)

    def visit_ListComp(self, node):
        self.comprehension("list", node)

    def visit_SetComp(self, node):
        self.comprehension("set", node)

    def visit_DictComp(self, node):
        self.comprehension("dict", node)

    def visit_GeneratorExp(self, node):
        self.comprehension("generator", node)

    def visit_Lambda(self, node):
        self.add("lambda", node, self.parameters(node.args))
        self.arguments(node.args)
        self.visit(node.body)

    def parameters(self, args):
        names = [arg.arg for arg in args.posonlyargs + args.args]
        if args.vararg:
            names.append("*" + args.vararg.arg)
        names += ["=" + arg.arg for arg in args.kwonlyargs]
        if args.kwarg:
            names.append("**" + args.kwarg.arg)
        return ",".join(names)

    def arguments(self, args):
        self.each(args.defaults)
        self.each(args.kw_defaults)

    def visit_FunctionDef(self, node):
        yields = any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for statement in node.body for inner in own(statement))
        kind = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
        self.add("function", node, kind + node.name, self.parameters(node.args), "generator" if yields else "", len(node.decorator_list))
        self.each(node.decorator_list)
        self.arguments(node.args)
        self.body(self.start(node), "body", node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.add("class", node, node.name, len(node.bases), ",".join(keyword.arg or "**" for keyword in node.keywords), len(node.decorator_list))
        self.each(node.decorator_list)
        self.each(base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
        self.each(keyword.value for keyword in node.keywords)
        self.body(self.start(node), "body", node.body)

    def visit_Import(self, node):
        for alias in node.names:
            self.facts.append(f"import {alias.name} as {alias.asname or alias.name.split('.')[0]}")

    def visit_ImportFrom(self, node):
        for alias in node.names:
            self.facts.append(f"from {'.' * node.level}{node.module or ''} {alias.name} as {alias.asname or alias.name}")

    def visit_AnnAssign(self, node):
        self.add("annotated", node)
        self.visit(node.target)
        self.each([node.value])

    def visit_Assign(self, node):
        self.add("assign", node, len(node.targets))
        self.generic_visit(node)

    def visit_AugAssign(self, node):
        self.add("assignment", node, OPERATORS[type(node.op)] + "=")
        self.generic_visit(node)

    def visit_If(self, node):
        self.visit(node.test)
        self.body(self.start(node), "then", node.body)
        self.body(self.start(node), "otherwise", node.orelse)

    def visit_While(self, node):
        self.visit(node.test)
        self.body(self.start(node), "body", node.body)
        self.body(self.start(node), "otherwise", node.orelse)

    def visit_For(self, node):
        self.each([node.target, node.iter])
        self.body(self.start(node), "body", node.body)
        self.body(self.start(node), "otherwise", node.orelse)

    visit_AsyncFor = visit_For

    def visit_Try(self, node):
        self.body(self.start(node), "body", node.body)
        for handler in node.handlers:
            types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
            self.facts.append(f"handler {len(types)} {handler.name or ''}")
            self.each(types)
            self.body(self.start(node), "handler", handler.body)
        self.body(self.start(node), "otherwise", node.orelse)
        self.body(self.start(node), "finally", node.finalbody)

    visit_TryStar = visit_Try

    def visit_With(self, node):
        for item in node.items:
            self.each([item.context_expr, item.optional_vars])
        self.body(self.start(node), "body", node.body)

    visit_AsyncWith = visit_With

    def visit_Raise(self, node):
        self.each([node.exc])

    def visit_Global(self, node):
        self.facts.append("scope " + ",".join(node.names))

    visit_Nonlocal = visit_Global

    def visit_TypeAlias(self, node):
        self.facts.append("type " + node.name.id)

    def visit_Match(self, node):
        self.visit(node.subject)
        for case in node.cases:
            bound = sorted({
                name for inner in ast.walk(case.pattern)
                for name in [getattr(inner, "name", None) or getattr(inner, "rest", None)] if name
            })
            self.facts.append("case " + ",".join(bound) + (" guarded" if case.guard else ""))
            self.each([case.guard])
            self.body(self.start(node), "case", case.body)


def own(node):
    """The node and what is in it, without the functions in it."""
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return
    for child in ast.iter_child_nodes(node):
        yield from own(child)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def facts_of(text):
    visitor = Facts(text)
    source = text[1:] if text.startswith("\ufeff") else text
    visitor.places = Places(source)
    visitor.visit(ast.parse(source))
    return visitor.facts


def main():
    sys.setrecursionlimit(20000)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        path = line.rstrip("\n")
        try:
            result = {"facts": facts_of(read(path))}
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            result = {"error": str(error)}
        print(json.dumps(result))


if __name__ == "__main__":
    main()
