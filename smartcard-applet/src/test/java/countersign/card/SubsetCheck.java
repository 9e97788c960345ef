package countersign.card;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** Lists what a class file has that JavaCard 3.0.4 without int has not. */
final class SubsetCheck extends ClassVisitor {
  /** Where memory may be taken: all of these run once, at installation, and only there. */
  private static final Set<String> AT_INSTALLATION =
      Set.of("<init>", "<clinit>", "install", "bestHmac", "makePin");

  /** Calls that take memory. */
  private static final Set<String> ALLOCATING =
      Set.of("getInstance", "buildKey", "install", "bestHmac", "makePin");

  private final List<String> faults = new ArrayList<>();
  private String className;

  private SubsetCheck() {
    super(Opcodes.ASM9);
  }

  static List<String> faults(byte[] classFile) {
    SubsetCheck check = new SubsetCheck();
    new ClassReader(classFile).accept(check, ClassReader.SKIP_FRAMES);
    return check.faults;
  }

  @Override
  public void visit(
      int version, int access, String name, String signature, String base, String[] interfaces) {
    className = name;
    requireAllowed("class", base);
  }

  @Override
  public FieldVisitor visitField(
      int access, String name, String descriptor, String signature, Object value) {
    requireCardType("field " + name, Type.getType(descriptor));
    return null;
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String name, String descriptor, String signature, String[] exceptions) {
    requireCardTypes("method " + name, descriptor);
    if ((access & Opcodes.ACC_SYNCHRONIZED) != 0) {
      fault("method " + name + " is synchronized");
    }
    return new Body(name);
  }

  private void requireCardTypes(String where, String descriptor) {
    for (Type argument : Type.getArgumentTypes(descriptor)) {
      requireCardType(where, argument);
    }
    requireCardType(where, Type.getReturnType(descriptor));
  }

  private void requireCardType(String where, Type type) {
    Type element = type.getSort() == Type.ARRAY ? type.getElementType() : type;
    boolean allowed =
        switch (element.getSort()) {
          case Type.VOID, Type.BOOLEAN, Type.BYTE, Type.SHORT -> true;
          case Type.OBJECT -> isAllowed(element.getInternalName());
          default -> false;
        };
    boolean flat = type.getSort() != Type.ARRAY || type.getDimensions() == 1;
    if (!allowed || !flat) {
      fault(where + ": " + type.getDescriptor());
    }
  }

  private void requireAllowed(String where, String type) {
    if (!isAllowed(type)) {
      fault(where + " " + type);
    }
  }

  private static boolean isAllowed(String type) {
    return type.startsWith("countersign/card/")
        || type.startsWith("javacard/")
        || type.startsWith("javacardx/crypto/")
        || type.equals("java/lang/Object")
        || type.equals("java/lang/Throwable");
  }

  private void fault(String what) {
    faults.add(className + ": " + what);
  }

  private final class Body extends MethodVisitor {
    private final String method;

    Body(String method) {
      super(Opcodes.ASM9);
      this.method = method;
    }

    @Override
    public void visitLocalVariable(
        String name, String descriptor, String signature, Label start, Label end, int index) {
      requireCardType("variable " + name, Type.getType(descriptor));
    }

    @Override
    public void visitInsn(int opcode) {
      if (isOfWideType(opcode)) {
        fault("arithmetic of int arrays, long, float, double or char in " + method + ": " + opcode);
      }
      if (opcode == Opcodes.MONITORENTER || opcode == Opcodes.MONITOREXIT) {
        fault("monitor in " + method);
      }
    }

    /** The virtual machine's numbers go in rows: int, long, float, double. */
    private static boolean isOfWideType(int opcode) {
      if (opcode >= Opcodes.IADD && opcode <= Opcodes.DNEG) {
        return (opcode - Opcodes.IADD) % 4 != 0;
      }
      if (opcode >= Opcodes.ISHL && opcode <= Opcodes.LXOR) {
        return (opcode - Opcodes.ISHL) % 2 != 0;
      }
      return (opcode >= Opcodes.LCONST_0 && opcode <= Opcodes.DCONST_1)
          || (opcode >= Opcodes.IALOAD && opcode <= Opcodes.DALOAD)
          || (opcode >= Opcodes.IASTORE && opcode <= Opcodes.DASTORE)
          || (opcode >= Opcodes.I2L && opcode <= Opcodes.D2F)
          || (opcode >= Opcodes.LCMP && opcode <= Opcodes.DCMPG)
          || (opcode >= Opcodes.LRETURN && opcode <= Opcodes.DRETURN)
          || opcode == Opcodes.CALOAD
          || opcode == Opcodes.CASTORE
          || opcode == Opcodes.I2C;
    }

    @Override
    public void visitVarInsn(int opcode, int index) {
      boolean wide =
          (opcode >= Opcodes.LLOAD && opcode <= Opcodes.DLOAD)
              || (opcode >= Opcodes.LSTORE && opcode <= Opcodes.DSTORE);
      if (wide) {
        fault("variable of long, float or double in " + method);
      }
    }

    @Override
    public void visitIntInsn(int opcode, int operand) {
      if (opcode == Opcodes.NEWARRAY) {
        requireInstallation();
        boolean small =
            operand == Opcodes.T_BOOLEAN || operand == Opcodes.T_BYTE || operand == Opcodes.T_SHORT;
        if (!small) {
          fault("array of wide elements in " + method);
        }
      }
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      if (opcode == Opcodes.NEW || opcode == Opcodes.ANEWARRAY) {
        requireInstallation();
        requireAllowed("makes", type);
      }
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
      requireAllowed("in " + method + " uses a field of", owner);
      requireCardType("in " + method + " uses field " + name, Type.getType(descriptor));
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      requireAllowed("in " + method + " calls", owner);
      requireCardTypes("in " + method + " calls " + name, descriptor);
      if (name.startsWith("makeTransient") || ALLOCATING.contains(name)) {
        requireInstallation();
      }
      if (name.equals("beginTransaction")) {
        fault("transaction in " + method);
      }
    }

    @Override
    public void visitLdcInsn(Object value) {
      fault("constant " + value + " in " + method);
    }

    @Override
    public void visitInvokeDynamicInsn(
        String name, String descriptor, Handle bootstrap, Object... arguments) {
      fault("invokedynamic in " + method);
    }

    @Override
    public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
      fault("array of arrays in " + method);
    }

    private void requireInstallation() {
      if (!AT_INSTALLATION.contains(method)) {
        fault("allocates in method " + method);
      }
    }
  }
}
