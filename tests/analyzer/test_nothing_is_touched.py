"""The world is the same after a check: no file, no socket, no process, no setting, no attribute of a module.

Every program below would do harm if any of it were run. They are checked in a process of its own, in which an audit
hook notes whatever Python is asked to do to the world.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from inspect import cleandoc
from pathlib import Path

import pytest

from named_types.analyzer.container_calls import CONTAINER_CALLS
from named_types.analyzer.python_builtins import BUILTINS
from named_types.analyzer.standard_library import STANDARD_LIBRARY

START = """\
import jax, jax.numpy as jnp, numpy as np, os, sys
x = jnp.ones(3)
y = np.ones(3)
def harm(*args, **kwargs):
    os.abort()
"""

HARM = {
    "arrays to files": """
        jnp.save('harm', x); jnp.savez('harm', x); np.save('harm', y); np.savez_compressed('harm', y)
        np.savetxt('harm', y); y.tofile('harm'); y.dump('harm'); np.memmap('harm', mode='w+', shape=(3,))
        jnp.load('harm', allow_pickle=True); np.load('harm'); np.fromfile('harm'); np.loadtxt('harm')
        getattr(y, 'to' + 'file')('harm'); np.ndarray.tofile(y, 'harm'); np.lib.format.open_memmap('harm', 'w+')
    """,
    "files": """
        open('harm', 'w').write('x'); os.mkdir('harm'); os.remove('program.py'); os.rename('program.py', 'harm')
        import shutil, pathlib, tempfile, pickle, sqlite3, logging
        shutil.rmtree('.'); pathlib.Path('harm').write_text('x'); pathlib.Path('harm').mkdir()
        tempfile.mkdtemp(dir='.'); pickle.loads(b'cos\\nabort\\n(tR.'); sqlite3.connect('harm')
        logging.FileHandler('harm')
        with open('harm', 'w') as file:
            print('x', file=file)
    """,
    "processes": """
        import subprocess, multiprocessing, threading, ctypes, signal
        os.system('touch harm'); os.fork(); os.execv('/bin/sh', []); subprocess.run(['touch', 'harm'])
        multiprocessing.Process(target=harm).start(); threading.Thread(target=harm).start()
        ctypes.CDLL(None).abort(); os.kill(os.getpid(), 9); signal.alarm(1); os._exit(3); sys.exit(3); exit()
    """,
    "the network": """
        import socket, urllib.request, http.client
        socket.create_connection(('localhost', 1)); urllib.request.urlopen('http://localhost:1')
        http.client.HTTPConnection('localhost', 1).connect()
        jax.distributed.initialize('localhost:1', 2, 0); jax.profiler.start_server(9999)
        jax.profiler.start_trace('harm'); jax.profiler.save_device_memory_profile('harm')
    """,
    "callbacks": """
        from jax.experimental import io_callback
        shape = jax.ShapeDtypeStruct((3,), jnp.float32)
        jax.debug.callback(harm, x); jax.debug.print('{x}', x=x); jax.debug.breakpoint()
        io_callback(harm, shape, x); jax.pure_callback(harm, shape, x)
        jax.jit(harm)(x); jax.vmap(harm)(x); jax.tree.map(harm, [x]); jax.eval_shape(harm, x); jax.make_jaxpr(harm)(x)
        jax.jit(lambda a: jax.pure_callback(harm, shape, a))(x)
        jax.custom_jvp(harm)(x); jax.grad(harm)(1.0); jax.lax.scan(harm, x, x); jax.lax.cond(True, harm, harm, x)
        sorted([1, 2], key=harm); max([1, 2], key=harm); list(map(harm, [1])); list(filter(harm, [1]))
        np.vectorize(harm)(y); np.apply_along_axis(harm, 0, y); np.fromfunction(harm, (3,)); jnp.vectorize(harm)(x)
    """,
    "settings": """
        jax.config.update('jax_platforms', 'nonsense'); jax.config.jax_enable_x64 = True
        jax.config.update('jax_enable_x64', True); jax.config.update('jax_debug_nans', True)
        jax.config.update('jax_default_matmul_precision', 'float32'); jax.numpy_dtype_promotion('strict')
        os.environ['HARM'] = '1'; os.putenv('HARM', '1'); os.chdir('/'); sys.path.insert(0, 'harm')
        sys.setrecursionlimit(10); sys.settrace(harm); np.seterr(all='raise'); np.set_printoptions(precision=1)
        jax.clear_caches(); jax.devices(); jax.set_mesh(None); jax.tree_util.register_pytree_node(str, harm, harm)
    """,
    "attributes of modules": """
        jnp.sum = harm; jax.Array.sum = harm; jax.numpy.ones = harm; np.ones = harm; os.getcwd = harm
        setattr(jax.lax, 'add', harm); del jax.numpy.dot; jax.__dict__['jit'] = harm; vars(jnp)['cos'] = harm
        import builtins
        builtins.len = harm; __builtins__['print'] = harm; globals()['x'] = harm
        jnp.ones(3).__class__.__init__.__globals__['os'].system('touch harm')
        jnp.sum.__globals__['__builtins__']['open']('harm', 'w'); np.dtype.__reduce__ = harm
        sys.modules['jax'] = None; sys.modules.clear(); object.__subclasses__()[0].__init__ = harm
    """,
    "code in texts": """
        eval("open('harm', 'w')"); exec("open('harm', 'w')"); compile('x', 'y', 'exec'); __import__('harmful')
        import importlib, runpy, code
        importlib.import_module('harmful'); runpy.run_path('harmful.py'); code.interact()
        f"{open('harm', 'w')}"; f"{os.abort()!r:>{os.abort()}}"
        '{0.__class__.__init__.__globals__}'.format(harm); '{0.tofile}'.format(y); '%s' % harm
        input(); breakpoint(); help('x')
    """,
    "imports": """
        import harmful
        from harmful import *
        from harmful import name
        harmful.name(); name(x)
    """,
    "programs for devices": """
        jax.export.export(jax.jit(lambda a: a))(x).serialize(); jax.jit(lambda a: a).lower(x).compile()(x)
        jax.device_put(x); x.block_until_ready(); x.item(); x.tolist(); x.delete(); np.asarray(x); float(x); bool(x)
        jax.make_mesh((1,), ('a',)); jax.live_arrays(); jax.experimental.serialize_executable.serialize(1)
    """,
    "bombs": """
        'a' * 10 ** 10; 2 ** 10 ** 9; (1,) * 10 ** 12; [0] * 10 ** 12; b'a' * 10 ** 12; 'a'.ljust(10 ** 12)
        '{:>1000000000000}'.format(1); '{0:{1}}'.format(1, 10 ** 12); '%*d' % (10 ** 12, 1); f'{1:1000000000000}'
        'a'.center(10 ** 12); '1'.zfill(10 ** 12); 'a'.replace('', 'b' * 10 ** 9); 'a\\t'.expandtabs(10 ** 12)
        ','.join(['a'] * 10 ** 12); bytes(10 ** 12); bytearray(10 ** 12); range(10 ** 20)[5]; int('9' * 10 ** 6)
        (10).to_bytes(10 ** 12, 'big'); pow(3, 10 ** 9); 3 ** 3 ** 20; divmod(10 ** 10 ** 9, 3); 1 << 10 ** 12
        import re, itertools, math, functools, string
        re.match('(a+)+$', 'a' * 50 + 'b'); list(itertools.count()); list(itertools.permutations(range(20)))
        math.factorial(10 ** 9); math.comb(10 ** 9, 10 ** 8); math.perm(10 ** 7); sum(range(10 ** 12))
        functools.reduce(lambda a, b: a * b, range(1, 10 ** 9)); string.Template('$a' * 10 ** 9)
        list(iter(int, 1)); all(True for _ in iter(int, 1)); dict.fromkeys(range(10 ** 12)); set(range(10 ** 12))
        jnp.zeros((10 ** 9, 10 ** 9)) + 1; np.zeros((10 ** 9, 10 ** 9)) + 1; np.arange(10 ** 15); np.eye(10 ** 8)
        np.repeat(y, 10 ** 12); np.tile(y, 10 ** 12); np.linspace(0, 1, 10 ** 12); np.indices((10 ** 6, 10 ** 6))
        np.kron(np.ones(10 ** 6), np.ones(10 ** 6)); np.full(10 ** 12, 1.0); np.broadcast_to(y, (10 ** 12, 3)).copy()
        jax.nn.one_hot(x, 10 ** 12); jnp.vander(x, 10 ** 7); jnp.poly(jnp.ones(10 ** 5)); jnp.histogram(x, 10 ** 9)
    """,
}
"""Programs each statement of which would show."""

CHECK = """\
import builtins, json, os, socket, sys
import jax, jax.numpy, jax.lax, jax.experimental, numpy
from jax._src import xla_bridge
from named_types.analyzer import check_source

HARMLESS_READING = os.O_RDONLY | os.O_CLOEXEC
WORLD = ("os.", "shutil.", "socket.", "subprocess.", "ctypes.", "tempfile.", "urllib.", "http.", "sqlite3.", "mmap.",
         "pty.", "signal.", "syslog.", "webbrowser.", "setopencodehook", "sys.settrace", "sys.setprofile")
LOOKING = {"os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.getxattr"}
done = []

def note(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if (mode is not None and set(mode) & set("wax+")) or flags & ~HARMLESS_READING:
            done.append(f"open {path!r} {mode!r} {flags}")
    elif event.startswith(WORLD) and event not in LOOKING:
        done.append(f"{event} {arguments!r}")

def state():
    modules = (builtins, os, sys, jax, jax.numpy, jax.lax, jax.Array, numpy, numpy.ndarray)
    return {
        "settings of jax": dict(jax.config.values), "environment": dict(os.environ), "directory": os.getcwd(),
        "path": list(sys.path), "recursion": sys.getrecursionlimit(), "errors of numpy": numpy.geterr(),
        "printing": numpy.get_printoptions(), "devices": sorted(xla_bridge._backends), "files": sorted(os.listdir()),
        "attributes": [{name: id(value) for name, value in vars(one).items()
                        if not name.startswith("_") and name not in ("last_type", "last_value", "last_traceback")}
                       for one in modules],
        "traced": (sys.gettrace(), sys.getprofile()), "harmful": "harmful" in sys.modules,
    }

def touched(action):
    done.clear()
    before = state()
    action()
    after = state()
    return [list(done), [name for name in before if before[name] != after[name]]]

check_source("warm.py", "import jax.numpy as jnp, numpy as np\\njnp.ones(3) + 1\\nnp.ones(3) + 1\\n")
jax.numpy.fft, jax.numpy.linalg
programs = json.loads(sys.stdin.read())
sys.addaudithook(note)
found = {name: touched(lambda: check_source("program.py", text)) for name, text in programs.items()}
found["a file"] = touched(lambda: open(os.devnull, "w").close())
found["a process"] = touched(lambda: os.system("true"))
found["a tracer"] = touched(lambda: sys.settrace(None))
found["a setting"] = touched(lambda: jax.config.update("jax_debug_nans", True))
found["an attribute"] = touched(lambda: setattr(jax.numpy, "sum", None))
sys.stdout.write(json.dumps(found))
"""

Touched = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def touched(tmp_path_factory: pytest.TempPathFactory) -> Touched:
    """What the check of each program did, and what it changed."""
    place = tmp_path_factory.mktemp("program")
    (place / "harmful.py").write_text("import os\nopen('harm', 'w').close()\ndef name(*args):\n    os.abort()\n")
    programs = {name: f"{START}{cleandoc(harm)}\n" for name, harm in HARM.items()}
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-c", CHECK]
    run = subprocess.run(
        command, input=json.dumps(programs), cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert [path.name for path in place.iterdir()] == ["harmful.py"]
    found: Touched = json.loads(run.stdout)
    return found


@pytest.mark.parametrize("name", HARM)
def test_nothing_is_touched(name: str, touched: Touched) -> None:
    assert touched[name] == [[], []]


@pytest.mark.parametrize("name", ["a file", "a process", "a tracer"])
def test_harm_would_be_seen(name: str, touched: Touched) -> None:
    assert touched[name][0] != []


def test_a_change_would_be_seen(touched: Touched) -> None:
    assert touched["a setting"][1] == ["settings of jax"]
    assert touched["an attribute"][1] == ["attributes"]


MODULES = ("jax", "numpy", "libcst", "json", "click", "typing", "named_types", "sitecustomize", "usercustomize")


def test_modules_beside_the_program_are_not_imported_by_the_command(tmp_path: Path) -> None:
    for name in MODULES:
        (tmp_path / f"{name}.py").write_text("open('harm', 'w').close()\nraise SystemExit(9)\n")
    (tmp_path / "program.py").write_text("import jax.numpy as jnp\nreveal_type(1)\n")
    command = [sys.executable, "-P", "-c", "from named_types.cli import main; main()", "check", "--no-cache", "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, f"Found no problems in {len(MODULES) + 1} files.\n")
    assert not (tmp_path / "harm").exists()


def test_pythons_own_callables_are_those_that_were_looked_at() -> None:
    """What calls none of the functions that it is given, and makes nothing longer than it may be, may stand here."""
    allowed = {*BUILTINS, *STANDARD_LIBRARY, *CONTAINER_CALLS}
    assert " ".join(sorted(allowed)).split() == sorted(PYTHONS_OWN.split())


PYTHONS_OWN = """
    abs all any bin bool bytes callable chr classmethod collections.Counter collections.OrderedDict
    collections.defaultdict collections.deque complex copy.copy copy.deepcopy dict divmod enumerate filter float
    format frozenset functools.reduce getattr hasattr hex int isinstance issubclass iter itertools.accumulate
    itertools.chain itertools.chain.from_iterable itertools.combinations itertools.combinations_with_replacement
    itertools.compress itertools.count itertools.cycle itertools.dropwhile itertools.islice itertools.pairwise
    itertools.permutations itertools.product itertools.repeat itertools.starmap itertools.takewhile
    itertools.zip_longest len list map math.acos math.acosh math.asin math.asinh math.atan math.atan2 math.atanh
    math.cbrt math.ceil math.copysign math.cos math.cosh math.degrees math.erf math.erfc math.exp math.exp2
    math.expm1 math.fabs math.floor math.fmod math.fsum math.gamma math.gcd math.hypot math.isclose
    math.isfinite math.isinf math.isnan math.isqrt math.lcm math.ldexp math.lgamma math.log math.log10
    math.log1p math.log2 math.modf math.nextafter math.pow math.prod math.radians math.remainder math.sin
    math.sinh math.sqrt math.tan math.tanh math.trunc max min next numpy.prod object oct operator.add
    operator.and_ operator.attrgetter operator.eq operator.floordiv operator.ge operator.getitem operator.gt
    operator.itemgetter operator.le operator.lt operator.matmul operator.methodcaller operator.mod operator.mul
    operator.ne operator.or_ operator.pow operator.sub operator.truediv operator.xor ord pow print property
    range repr reveal_type reversed round set setattr slice sorted staticmethod str sum super tuple type
    types.MappingProxyType vars zip
"""
