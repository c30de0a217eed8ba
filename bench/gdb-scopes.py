# What gdb knows of the variables and types at addresses, one JSON object a line. Run inside gdb by compare-gdb.js, with
# the addresses in the file that $KTRIAGE_ADDRESSES names.
import json
import os

import gdb

gdb.execute("set pagination off")
gdb.execute("set width 0")
gdb.execute("set print max-depth 1")
seen = set()


def fields(kind, base=0, depth=0):
    found = []
    for field in kind.fields():
        if not hasattr(field, "bitpos"):
            continue
        inner = field.type.strip_typedefs()
        if not field.name and inner.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION) and depth < 20:
            found += fields(inner, base + field.bitpos, depth + 1)
        else:
            found.append([field.name or "", base + field.bitpos, field.bitsize, str(field.type), field.type.sizeof])
    return found


def structures(kind, into):
    """The structures that a variable of a type leads to."""
    kind = kind.strip_typedefs()
    for _ in range(4):
        if kind.code in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_ARRAY):
            kind = kind.target().strip_typedefs()
    if kind.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION) and kind.tag and kind.fields():
        key = str(kind.unqualified())
        if key not in seen:
            seen.add(key)
            into[key] = {"size": kind.sizeof, "fields": fields(kind)}


def describe(pc):
    scopes = []
    variables = []
    types = {}
    block = gdb.block_for_pc(pc)
    while block is not None and not block.is_global and not block.is_static:
        for symbol in block:
            if symbol.addr_class in (gdb.SYMBOL_LOC_TYPEDEF, gdb.SYMBOL_LOC_LABEL, gdb.SYMBOL_LOC_BLOCK):
                continue
            variables.append(
                {
                    "name": symbol.name,
                    "argument": symbol.is_argument,
                    "type": str(symbol.type),
                    "size": symbol.type.sizeof,
                    "line": symbol.line,
                    "class": symbol.addr_class,
                }
            )
            structures(symbol.type, types)
        if block.function is not None:
            scopes.append({"function": block.function.linkage_name, "variables": variables})
            variables = []
        block = block.superblock
    try:
        text = gdb.execute("info scope *0x%x" % pc, to_string=True)
    except gdb.error as error:
        return {"address": "0x%x" % pc, "scopes": scopes, "types": types, "scope": "", "failed": str(error)}
    return {"address": "0x%x" % pc, "scopes": scopes, "types": types, "scope": text}


with open(os.environ["KTRIAGE_ADDRESSES"]) as addresses, open(os.environ["KTRIAGE_ANSWERS"], "w") as answers:
    for line in addresses:
        try:
            answer = describe(int(line, 16))
        except gdb.error as error:
            answer = {"address": line.strip(), "error": str(error)}
        answers.write(json.dumps(answer) + "\n")
