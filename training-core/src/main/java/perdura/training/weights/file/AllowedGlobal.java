package perdura.training.weights.file;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import perdura.training.checkpoint.DataType;

/**
 * The names that a pickle may speak of, and what stands for each. None of them is code here: a role says which data the
 * reader makes of its arguments. A name that is not in this list ends the reading.
 */
final class AllowedGlobal {
    private static final Map<String, Role> ROLES = roles();

    private static Map<String, Role> roles() {
        Map<String, Role> roles = new HashMap<>();
        allow(roles, Role.MAPPING, "collections.OrderedDict", "collections.Counter");
        // What Lightning's checkpoints keep hyperparameters in.
        allow(
                roles,
                Role.MAPPING,
                "argparse.Namespace",
                "types.SimpleNamespace",
                "yacs.config.CfgNode",
                "fvcore.common.config.CfgNode",
                "pytorch_lightning.utilities.parsing.AttributeDict",
                "lightning.pytorch.utilities.parsing.AttributeDict",
                "lightning_fabric.utilities.data.AttributeDict",
                "lightning.fabric.utilities.data.AttributeDict",
                "omegaconf.dictconfig.DictConfig",
                "omegaconf.listconfig.ListConfig",
                "omegaconf.base.Metadata",
                "omegaconf.base.ContainerMetadata",
                "omegaconf.nodes.AnyNode",
                "omegaconf.nodes.StringNode",
                "omegaconf.nodes.IntegerNode",
                "omegaconf.nodes.FloatNode",
                "omegaconf.nodes.BooleanNode");
        allow(roles, Role.DEFAULT_MAPPING, "collections.defaultdict");
        allow(roles, Role.SEQUENCE, "builtins.set", "builtins.frozenset", "builtins.list");
        allow(roles, Role.SEQUENCE, "__builtin__.set", "__builtin__.frozenset", "__builtin__.list");
        for (String module : List.of("builtins", "__builtin__")) {
            for (String word : List.of("dict", "tuple", "int", "long", "float", "str", "unicode", "bool", "object")) {
                allow(roles, Role.WORD, module + "." + word);
            }
        }
        // Keys of the callbacks' states, and types of configuration values.
        allow(
                roles,
                Role.WORD,
                "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
                "pytorch_lightning.callbacks.early_stopping.EarlyStopping",
                "pytorch_lightning.callbacks.lr_monitor.LearningRateMonitor",
                "typing.Any",
                "torch.Tensor",
                "torch.nn.parameter.Parameter");
        allow(roles, Role.TENSOR, "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor");
        allow(roles, Role.TYPED_TENSOR, "torch._utils._rebuild_tensor_v3");
        allow(roles, Role.PARAMETER, "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state");
        allow(roles, Role.FROM_TYPE, "torch._tensor._rebuild_from_type_v2");
        allow(roles, Role.SIZE, "torch.Size");
        allow(roles, Role.OPAQUE, "torch.device", "numpy.dtype", "torch.serialization._get_layout");
        allow(roles, Role.OPAQUE, "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar");
        allow(roles, Role.BYTES, "_codecs.encode");
        allow(roles, Role.UNTYPED_STORAGE, "torch.storage.UntypedStorage", "torch.UntypedStorage");
        for (DataType type : DataType.values()) {
            type.storageNames().forEach(name -> allow(roles, Role.STORAGE, name));
            allow(roles, Role.DTYPE, type.torchName());
        }
        for (String other : List.of("complex64", "complex128", "bool", "strided")) {
            roles.putIfAbsent("torch." + other, Role.WORD);
        }
        return Collections.unmodifiableMap(roles);
    }

    private AllowedGlobal() {}

    /** What the reader makes of a name. */
    enum Role {
        /** A container of keys and values. */
        MAPPING,
        /** The same, with a factory as its first argument. */
        DEFAULT_MAPPING,
        /** A container of items. */
        SEQUENCE,
        /** A type that is only mentioned. */
        WORD,
        /** (storage, offset, size, stride, ...). */
        TENSOR,
        /** (storage, offset, size, stride, requires gradient, hooks, type, ...). */
        TYPED_TENSOR,
        /** (tensor, ...). */
        PARAMETER,
        /** (rebuilder, type, its arguments, state). */
        FROM_TYPE,
        /** (sizes). */
        SIZE,
        /** Something that is made and never looked at. */
        OPAQUE,
        /** (text, latin1): how older protocols write bytes. */
        BYTES,
        STORAGE,
        UNTYPED_STORAGE,
        DTYPE
    }

    private static void allow(Map<String, Role> roles, Role role, String... names) {
        for (String name : names) {
            roles.put(name, role);
        }
    }

    /** @param name module and name, joined by a dot */
    static Optional<PickleValue.Global> find(String name) {
        return Optional.ofNullable(ROLES.get(name)).map(role -> new PickleValue.Global(name, role));
    }
}
