// The native half of DJL's PyTorch binding, as far as perdura.training.torch calls it: what the class
// ai.djl.pytorch.jni.PyTorchLibrary of pytorch-engine 0.35.1 declares `native`, over libtorch's public C++ interface.
// DJL publishes this library for libtorch 2.7.1 alone; this one compiles against the libtorch of any torch wheel, for
// GPUs and drivers which that one doesn't know. A function that isn't here is an UnsatisfiedLinkError with its name.
#include <ATen/Parallel.h>
#include <jni.h>
#include <torch/script.h>

#include <sstream>
#include <string>
#include <vector>

namespace {

using at::Tensor;
using c10::IValue;
using Module = torch::jit::Module;

template <typename T>
T& at_handle(jlong handle) {
  return *reinterpret_cast<T*>(handle);
}

template <typename T>
jlong to_handle(T value) {
  return reinterpret_cast<jlong>(new T(std::move(value)));
}

void raise(JNIEnv* env, const char* text) {
  if (!env->ExceptionCheck()) {
    env->ThrowNew(env->FindClass("ai/djl/engine/EngineException"), text);
  }
}

// Runs a body; what it throws becomes the EngineException that Java expects.
template <typename Body>
auto guarded(JNIEnv* env, Body body) -> decltype(body()) {
  using Result = decltype(body());
  try {
    return body();
  } catch (const c10::Error& e) {
    raise(env, e.what_without_backtrace());
  } catch (const std::exception& e) {
    raise(env, e.what());
  }
  if constexpr (!std::is_void_v<Result>) {
    return Result{};
  }
}

std::string text(JNIEnv* env, jstring value) {
  const char* chars = env->GetStringUTFChars(value, nullptr);
  std::string copy(chars);
  env->ReleaseStringUTFChars(value, chars);
  return copy;
}

std::vector<int64_t> longs(JNIEnv* env, jlongArray array) {
  std::vector<int64_t> values(env->GetArrayLength(array));
  env->GetLongArrayRegion(array, 0, values.size(), reinterpret_cast<jlong*>(values.data()));
  return values;
}

jlongArray long_array(JNIEnv* env, const std::vector<jlong>& values) {
  jlongArray array = env->NewLongArray(values.size());
  env->SetLongArrayRegion(array, 0, values.size(), values.data());
  return array;
}

template <typename Items>
jlongArray handles(JNIEnv* env, const Items& items) {
  std::vector<jlong> values;
  for (const IValue& item : items) {
    values.push_back(to_handle<IValue>(item));
  }
  return long_array(env, values);
}

// DJL numbers the element types in the order of its enum DataType; 8 is "unknown".
constexpr at::ScalarType kTypes[] = {at::kFloat, at::kDouble, at::kHalf, at::kByte,
                                     at::kInt,   at::kChar,   at::kLong, at::kBool};

at::ScalarType scalar_type(jint number) {
  TORCH_CHECK(number >= 0 && number < 8, "element type ", number, " is unknown");
  return kTypes[number];
}

jint type_number(at::ScalarType type) {
  for (jint i = 0; i < 8; ++i) {
    if (kTypes[i] == type) {
      return i;
    }
  }
  return 8;
}

// Two numbers, libtorch's own: the type of the device and its index.
at::Device device(JNIEnv* env, jintArray array) {
  jint parts[2];
  env->GetIntArrayRegion(array, 0, 2, parts);
  auto type = static_cast<at::DeviceType>(parts[0]);
  return at::Device(type, type == at::kCPU ? -1 : static_cast<at::DeviceIndex>(parts[1]));
}

at::TensorOptions options(JNIEnv* env, jint type, jint layout, jintArray on, jboolean grad) {
  TORCH_CHECK(layout == 0, "only strided tensors, layout was ", layout);
  return at::TensorOptions().dtype(scalar_type(type)).device(device(env, on)).requires_grad(grad == JNI_TRUE);
}

}  // namespace

#define NATIVE(type, name, ...) \
  extern "C" JNIEXPORT type JNICALL Java_ai_djl_pytorch_jni_PyTorchLibrary_##name(JNIEnv* env, jobject, ##__VA_ARGS__)

// ---- the process ----

NATIVE(jboolean, torchIsGradMode) { return c10::GradMode::is_enabled(); }
NATIVE(void, torchSetGradMode, jboolean on) { c10::GradMode::set_enabled(on); }
NATIVE(jint, torchGetNumInteropThreads) { return at::get_num_interop_threads(); }
NATIVE(jint, torchGetNumThreads) { return at::get_num_threads(); }
NATIVE(void, torchSetNumInteropThreads, jint threads) {
  guarded(env, [&] { at::set_num_interop_threads(threads); });
}
NATIVE(void, torchSetNumThreads, jint threads) { guarded(env, [&] { at::set_num_threads(threads); }); }
NATIVE(void, torchSetBenchmarkCuDNN, jboolean on) { at::globalContext().setBenchmarkCuDNN(on); }
NATIVE(void, torchManualSeed, jlong seed) { guarded(env, [&] { at::manual_seed(seed); }); }
NATIVE(void, setGraphExecutorOptimize, jboolean on) { torch::jit::setGraphExecutorOptimize(on); }
NATIVE(void, torchShowConfig, jobject set) {
  jmethodID add = env->GetMethodID(env->GetObjectClass(set), "add", "(Ljava/lang/Object;)Z");
  auto put = [&](bool there, const char* feature) {
    if (there) {
      env->CallBooleanMethod(set, add, env->NewStringUTF(feature));
    }
  };
  put(at::hasCUDA(), "CUDA");
  put(at::hasCUDA() && at::globalContext().hasCuDNN(), "CUDNN");
  put(at::hasMKL(), "MKL");
  put(at::globalContext().hasMKLDNN(), "MKLDNN");
  put(at::hasOpenMP(), "OPENMP");
}

// ---- tensors ----

NATIVE(jlongArray, torchSizes, jlong x) {
  return guarded(env, [&] {
    auto sizes = at_handle<Tensor>(x).sizes();
    return long_array(env, std::vector<jlong>(sizes.begin(), sizes.end()));
  });
}
NATIVE(jint, torchDType, jlong x) { return type_number(at_handle<Tensor>(x).scalar_type()); }
NATIVE(jintArray, torchDevice, jlong x) {
  at::Device on = at_handle<Tensor>(x).device();
  jint parts[2] = {static_cast<jint>(on.type()), on.index()};
  jintArray array = env->NewIntArray(2);
  env->SetIntArrayRegion(array, 0, 2, parts);
  return array;
}
NATIVE(jint, torchLayout, jlong x) { return at_handle<Tensor>(x).layout() == at::kStrided ? 0 : 1; }
NATIVE(jboolean, torchIsContiguous, jlong x) { return at_handle<Tensor>(x).is_contiguous(); }
NATIVE(jlong, torchToContiguous, jlong x) {
  return guarded(env, [&] { return to_handle<Tensor>(at_handle<Tensor>(x).contiguous()); });
}
NATIVE(jobject, torchDirectByteBuffer, jlong x) {
  return guarded(env, [&] {
    Tensor& tensor = at_handle<Tensor>(x);
    return env->NewDirectByteBuffer(tensor.data_ptr(), tensor.nbytes());
  });
}
NATIVE(jbyteArray, torchDataPtr, jlong x) {
  return guarded(env, [&] {
    Tensor tensor = at_handle<Tensor>(x).contiguous();
    jbyteArray bytes = env->NewByteArray(tensor.nbytes());
    env->SetByteArrayRegion(bytes, 0, tensor.nbytes(), static_cast<const jbyte*>(tensor.data_ptr()));
    return bytes;
  });
}
NATIVE(jlong, torchTo, jlong x, jint type, jintArray on) {
  return guarded(env, [&] {
    at::NoGradGuard no_grad;
    return to_handle<Tensor>(at_handle<Tensor>(x).to(device(env, on), scalar_type(type), false));
  });
}
NATIVE(jlong, tensorClone, jlong x) {
  return guarded(env, [&] {
    at::NoGradGuard no_grad;
    return to_handle<Tensor>(at_handle<Tensor>(x).clone());
  });
}
NATIVE(jlong, torchEmpty, jlongArray shape, jint type, jint layout, jintArray on, jboolean grad) {
  return guarded(env, [&] {
    return to_handle<Tensor>(torch::empty(longs(env, shape), options(env, type, layout, on, grad)));
  });
}
NATIVE(jlong, torchZeros, jlongArray shape, jint type, jint layout, jintArray on, jboolean grad) {
  return guarded(env, [&] {
    return to_handle<Tensor>(torch::zeros(longs(env, shape), options(env, type, layout, on, grad)));
  });
}
NATIVE(jlong, torchOnes, jlongArray shape, jint type, jint layout, jintArray on, jboolean grad) {
  return guarded(env, [&] {
    return to_handle<Tensor>(torch::ones(longs(env, shape), options(env, type, layout, on, grad)));
  });
}
NATIVE(jlong, torchFromBlob, jobject buffer, jlongArray shape, jint type, jint layout, jintArray on, jboolean grad) {
  return guarded(env, [&] {
    TORCH_CHECK(layout == 0, "only strided tensors, layout was ", layout);
    Tensor host = torch::from_blob(env->GetDirectBufferAddress(buffer), longs(env, shape),
                                   at::TensorOptions().dtype(scalar_type(type)).requires_grad(grad == JNI_TRUE));
    at::Device wanted = device(env, on);
    return to_handle<Tensor>(wanted.is_cpu() ? host : host.to(wanted));
  });
}
NATIVE(void, torchDeleteTensor, jlong x) { delete &at_handle<Tensor>(x); }
NATIVE(void, torchDeleteModule, jlong x) { delete &at_handle<Module>(x); }
NATIVE(void, torchDeleteIValue, jlong x) { delete &at_handle<IValue>(x); }

// ---- gradients ----

NATIVE(jboolean, torchRequiresGrad, jlong x) { return at_handle<Tensor>(x).requires_grad(); }
NATIVE(void, torchAttachGrad, jlong x, jboolean on) {
  guarded(env, [&] { at_handle<Tensor>(x).requires_grad_(on); });
}
NATIVE(jlong, torchGrad, jlong x) {
  return guarded(env, [&]() -> jlong {
    Tensor gradient = at_handle<Tensor>(x).grad();
    return gradient.defined() ? to_handle<Tensor>(gradient) : 0;
  });
}
NATIVE(jlong, torchDetachGrad, jlong x) {
  return guarded(env, [&] { return to_handle<Tensor>(at_handle<Tensor>(x).detach()); });
}
NATIVE(void, torchBackward, jlong x, jlong gradient, jboolean keep_graph, jboolean create_graph) {
  guarded(env, [&] { at_handle<Tensor>(x).backward(at_handle<Tensor>(gradient), keep_graph, create_graph); });
}

// ---- TorchScript ----

NATIVE(jlong, moduleLoad__Ljava_io_InputStream_2_3IZ_3BJ, jobject stream, jintArray on, jboolean map, jbyteArray buffer,
       jlong) {
  return guarded(env, [&]() -> jlong {
    jmethodID read = env->GetMethodID(env->GetObjectClass(stream), "read", "([B)I");
    std::string bytes;
    for (jint count; (count = env->CallIntMethod(stream, read, buffer)) > 0;) {
      size_t end = bytes.size();
      bytes.resize(end + count);
      env->GetByteArrayRegion(buffer, 0, count, reinterpret_cast<jbyte*>(bytes.data() + end));
    }
    std::istringstream in(bytes);
    at::Device wanted = device(env, on);
    Module module = map ? torch::jit::load(in, wanted) : torch::jit::load(in);
    module.to(wanted);
    return to_handle<Module>(module);
  });
}
NATIVE(jlongArray, moduleGetParams, jlong x) {
  return guarded(env, [&] {
    std::vector<jlong> values;
    for (const Tensor& tensor : at_handle<Module>(x).parameters()) {
      values.push_back(to_handle<Tensor>(tensor));
    }
    return long_array(env, values);
  });
}
NATIVE(jobjectArray, moduleGetParamNames, jlong x) {
  std::vector<std::string> names;
  for (const auto& named : at_handle<Module>(x).named_parameters()) {
    names.push_back(named.name);
  }
  jobjectArray array = env->NewObjectArray(names.size(), env->FindClass("java/lang/String"), nullptr);
  for (size_t i = 0; i < names.size(); ++i) {
    env->SetObjectArrayElement(array, i, env->NewStringUTF(names[i].c_str()));
  }
  return array;
}
NATIVE(jobjectArray, moduleGetMethodNames, jlong x) {
  auto methods = at_handle<Module>(x).get_methods();
  jobjectArray array = env->NewObjectArray(methods.size(), env->FindClass("java/lang/String"), nullptr);
  for (size_t i = 0; i < methods.size(); ++i) {
    env->SetObjectArrayElement(array, i, env->NewStringUTF(methods[i].name().c_str()));
  }
  return array;
}
NATIVE(void, moduleEval, jlong x) { guarded(env, [&] { at_handle<Module>(x).eval(); }); }
NATIVE(void, moduleTrain, jlong x) { guarded(env, [&] { at_handle<Module>(x).train(true); }); }
NATIVE(jlong, moduleRunMethod, jlong x, jstring method, jlongArray arguments, jboolean train, jboolean) {
  return guarded(env, [&] {
    std::vector<IValue> inputs;
    for (int64_t argument : longs(env, arguments)) {
      inputs.push_back(at_handle<IValue>(argument));
    }
    auto function = at_handle<Module>(x).get_method(text(env, method));
    if (train) {
      return to_handle<IValue>(function(inputs));
    }
    c10::InferenceMode inference;
    return to_handle<IValue>(function(inputs));
  });
}

NATIVE(jlong, iValueFromTensor, jlong x) { return to_handle<IValue>(IValue(at_handle<Tensor>(x))); }
NATIVE(jlong, iValueFromTensorList, jlongArray tensors) {
  return guarded(env, [&] {
    c10::List<Tensor> list;
    for (int64_t tensor : longs(env, tensors)) {
      list.push_back(at_handle<Tensor>(tensor));
    }
    return to_handle<IValue>(IValue(list));
  });
}
NATIVE(jlong, iValueToTensor, jlong x) {
  return guarded(env, [&] { return to_handle<Tensor>(at_handle<IValue>(x).toTensor()); });
}
NATIVE(jlongArray, iValueToTensorList, jlong x) {
  return guarded(env, [&] {
    std::vector<jlong> values;
    for (const Tensor& tensor : at_handle<IValue>(x).toTensorVector()) {
      values.push_back(to_handle<Tensor>(tensor));
    }
    return long_array(env, values);
  });
}
NATIVE(jlongArray, iValueToIValueList, jlong x) {
  return guarded(env, [&] { return handles(env, at_handle<IValue>(x).toList().vec()); });
}
NATIVE(jlongArray, iValueToIValueTuple, jlong x) {
  return guarded(env, [&] { return handles(env, at_handle<IValue>(x).toTupleRef().elements()); });
}
NATIVE(jstring, iValueGetType, jlong x) {
  return guarded(env, [&] { return env->NewStringUTF(at_handle<IValue>(x).type()->str().c_str()); });
}
NATIVE(jboolean, iValueIsTensor, jlong x) { return at_handle<IValue>(x).isTensor(); }
NATIVE(jboolean, iValueIsTensorList, jlong x) { return at_handle<IValue>(x).isTensorList(); }
NATIVE(jboolean, iValueIsTuple, jlong x) { return at_handle<IValue>(x).isTuple(); }
NATIVE(jboolean, iValueIsList, jlong x) { return at_handle<IValue>(x).isList(); }
NATIVE(jboolean, iValueIsMap, jlong x) { return at_handle<IValue>(x).isGenericDict(); }
NATIVE(jboolean, iValueIsBool, jlong x) { return at_handle<IValue>(x).isBool(); }
NATIVE(jboolean, iValueIsLong, jlong x) { return at_handle<IValue>(x).isInt(); }
NATIVE(jboolean, iValueIsDouble, jlong x) { return at_handle<IValue>(x).isDouble(); }
